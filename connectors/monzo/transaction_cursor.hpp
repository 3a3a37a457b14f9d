#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock::connectors::monzo {

/// How far an account's transactions are stored: the cursor of the stream "transactions/ACCOUNT", as JSON
/// {"last_id", "last_created", "history", "seen_whole"}.
struct transaction_cursor {
  std::string last_id; ///< empty: the account had no transaction
  /// Nothing created before this is missing, but for what look-back is for and for gaps.
  timestamp last_created = no_time;
  /// The first sync has not reached the present yet: the next run goes on behind last_id.
  bool history = false;
  /// The last time that the stream was read to its end, to a day's exactness (see cursor_after). no_time: never, or the
  /// cursor is older than this field.
  timestamp seen_whole = no_time;

  /// Up to when nothing happened unseen: an account without new transactions moves `seen_whole` alone.
  [[nodiscard]] timestamp watched_until() const noexcept { return std::max(last_created, seen_whole); }
  [[nodiscard]] bool empty() const noexcept { return last_created == no_time; }
};

[[nodiscard]] std::string to_text(const transaction_cursor& cursor);
/// An empty text is an empty cursor. bad_configuration: not a cursor of ours; the message says how to reset it.
[[nodiscard]] result<transaction_cursor> parse_cursor(std::string_view text);

} // namespace penstock::connectors::monzo
