#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// Where the next request of a stream starts. Pure value: travels in the continuation's args.
struct page_position {
  std::string since;         ///< a transaction's id or an RFC 3339 time; empty: the run has not started yet
  timestamp reach = no_time; ///< how far back `since` reaches
  /// End of the window that is read now; no_time: the present. Only history further back than a window has one.
  timestamp window_end = no_time;
  bool history = false; ///< reading what look-back would never reach
  std::string last_id;  ///< the last transaction that this run saw
  timestamp last_created = no_time;
};

/// Args of monzo.transaction_pull and monzo.historical_data.
struct pull_args {
  std::string account;
  bool may_have_none = false; ///< see account_rows.hpp: that Monzo refuses the account's transactions is an answer
  timestamp opened = no_time; ///< when the account was opened; no_time: not known
  std::int64_t page = 1;      ///< the number of the next page that is handed on, from 1 in each run
  page_position position;
  std::string gap; ///< to be noted with the next page
};

/// Args of monzo.transaction_data.
struct data_args {
  std::string account;
  std::int64_t page = 1;
  std::string cursor; ///< committed with the page
  std::string gap;
};

[[nodiscard]] std::string to_text(const pull_args& args);
[[nodiscard]] std::string to_text(const data_args& args);
/// `owner` is the job's kind. Errors: invalid_argument, saying what is allowed.
[[nodiscard]] result<pull_args> parse_pull_args(const std::string& owner, std::string_view text);
[[nodiscard]] result<data_args> parse_data_args(const std::string& owner, std::string_view text);

inline constexpr std::string_view transaction_stream_prefix = "transactions/";
/// The stream of an account: "transactions/acc_1".
[[nodiscard]] std::string stream_of(std::string_view account);

} // namespace penstock::connectors::monzo
