#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// Args of jobs that ask for what one account holds (monzo.pot_pull, monzo.balance_pull) or store it.
struct account_args {
  std::string account;
  /// The account may have no such thing, see account_rows.hpp: that Monzo refuses it is an answer.
  bool may_have_none = false;
  std::string date;            ///< of monzo.balance_data: the bank's day
  timestamp read_at = no_time; ///< of monzo.balance_data
};

[[nodiscard]] std::string to_text(const account_args& args);
/// `owner` is the job's kind; `dated`: `date` and `read_at` must be there, else they must not. Errors: invalid_argument,
/// saying what is allowed.
[[nodiscard]] result<account_args> parse_account_args(const std::string& owner, std::string_view text,
                                                      bool dated = false);

} // namespace penstock::connectors::monzo
