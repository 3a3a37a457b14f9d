#pragma once

#include <string>
#include <string_view>

#include "connectors/monzo/sandbox/user_book.hpp"

namespace penstock::sandbox::monzo {

/// `{"accounts":[…]}`, closed ones too; only those of a type, if one is given.
[[nodiscard]] std::string accounts_json(const user_book& book, std::string_view type);
/// `{"balance":…,"total_balance":…,"currency":…,"spend_today":…}`; the total is that of the account and its pots.
[[nodiscard]] std::string balance_json(const account_book& account, timestamp now);
/// `{"pots":[…]}`, deleted ones too.
[[nodiscard]] std::string pots_json(const account_book& account);

} // namespace penstock::sandbox::monzo
