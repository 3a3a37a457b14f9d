#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/monzo/sandbox/account_book.hpp"
#include "net/query.hpp"

namespace penstock::sandbox::monzo {

/// A part of an account's transactions, oldest first.
struct transaction_range {
  std::uint64_t first = 0; ///< index
  std::uint64_t count = 0;
  bool expand_merchant = false;
};

/// Why there is none.
struct page_refusal {
  int status = 400;
  std::string_view code;
  std::string_view message;
};

struct history_rule {
  timestamp now = no_time;
  /// Consent is fresh, history has no end. Else a reach of 90 days or more is refused.
  bool is_whole = false;
};

/// Reads the query of GET /transactions. `since` is a time (what was created then counts in) or a transaction's id (what
/// comes after it); `before` is a time, which does not count in; `limit` is 30 if absent and 100 at most.
[[nodiscard]] tl::expected<transaction_range, page_refusal>
find_range(const account_book& account, const net::query_parameters& query, const history_rule& rule);

/// `{"transactions":[…]}`.
[[nodiscard]] std::string page_json(const account_book& account, const transaction_range& range);

} // namespace penstock::sandbox::monzo
