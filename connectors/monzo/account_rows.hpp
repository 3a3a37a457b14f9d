#pragma once

#include <string>
#include <vector>

#include "connectors/json_rows.hpp"
#include "core/error.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::monzo {

/// Reads an answer of GET /accounts. Errors as read_objects.
[[nodiscard]] result<row_page> read_accounts(std::string& body);

/// Leaves accounts of these types, and such without one; of none: all. The types of those that went, each once.
std::vector<std::string> keep_types(row_page& accounts, const std::vector<std::string>& types);

/// Whether Monzo may refuse to tell what such an account holds, now and for good: a closed one, or one of a type that is
/// no current account (rewards, loans, Flex). `account` is a row of monzo_accounts.
[[nodiscard]] bool may_have_none(const synced_row& account);

} // namespace penstock::connectors::monzo
