#pragma once

#include <string>
#include <string_view>

#include "connectors/json_rows.hpp"
#include "core/error.hpp"

namespace penstock::connectors::monzo {

/// Reads an answer of GET /pots. `account` is the one that was asked for: some answers do not name it. A pot that Monzo
/// calls deleted is a row that is (Monzo goes on listing it). A row's version is its `updated`. Errors as read_objects.
[[nodiscard]] result<row_page> read_pots(std::string& body, std::string_view account);

} // namespace penstock::connectors::monzo
