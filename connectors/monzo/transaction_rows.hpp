#pragma once

#include <string>
#include <string_view>

#include "connectors/json_rows.hpp"
#include "core/error.hpp"

namespace penstock::connectors::monzo {

/// Reads an answer of GET /transactions. `account` is the one that was asked for: some answers do not name it.
/// A row's version is its `updated`, where given. `raw` is the object's text as it came. Errors as read_objects.
[[nodiscard]] result<row_page> read_transactions(std::string& body, std::string_view account);

} // namespace penstock::connectors::monzo
