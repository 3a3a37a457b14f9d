#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::monzo {

struct transaction_page {
  std::vector<synced_row> rows; ///< of monzo_transactions
  std::vector<row_error> errors;
};

/// Reads an answer of GET /transactions. `account` is the one that was asked for: some answers do not name it.
/// A row's version is its `updated`, where given. `raw` is the object's text as it came. Errors as read_objects.
[[nodiscard]] result<transaction_page> read_transactions(std::string& body, std::string_view account);

} // namespace penstock::connectors::monzo
