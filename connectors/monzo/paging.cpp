#include "connectors/monzo/paging.hpp"

#include <algorithm>
#include <utility>

#include "core/rfc3339.hpp"

namespace penstock::connectors::monzo {
namespace {

/// Windows overlap by this, so that nothing falls between them, whichever of their ends Monzo counts in.
constexpr duration overlap = std::chrono::seconds{1};

/// Of the day between what we ask for and what Monzo gives: a request that comes later than its start was chosen is not too old
/// for that.
constexpr duration lateness = std::chrono::hours{23};

/// Reads from `start` on; history gets a window if the present is too far away.
page_position from_time(timestamp start, bool history, timestamp now) {
  page_position position;
  position.since = format_rfc3339(start);
  position.reach = start;
  position.history = history;
  if (history && now - start > longest_window)
    position.window_end = start + longest_window;
  return position;
}

std::string gap_text(timestamp from, timestamp to) {
  return "Monzo gives no transactions from " + format_rfc3339(from) + " to " + format_rfc3339(to) +
         ": older than 90 days, and the five minutes after consent are over";
}

} // namespace

page_position start_of_run(const run_start& known) {
  const auto& committed = known.committed;
  const auto reachable = known.now - reachable_history;
  if (committed.empty())
    return from_time(known.opened == no_time ? earliest_history : known.opened, true, known.now);
  if (committed.history) {
    auto position = from_time(committed.last_created, true, known.now);
    if (!committed.last_id.empty())
      position.since = committed.last_id;
    position.last_id = committed.last_id;
    position.last_created = committed.last_created;
    return position;
  }
  // A quiet account leaves no gap as long as its stream was read: what other streams did says nothing about it.
  const auto watched = committed.watched_until();
  if (watched < reachable)
    return from_time(watched - known.look_back, true, known.now);
  auto start = committed.last_created - known.look_back;
  if (known.oldest_pending)
    start = std::min(start, *known.oldest_pending - overlap);
  return from_time(std::max(start, reachable), false, known.now);
}

std::optional<fallen_back> after_refused_history(const page_position& refused, timestamp whole_until, timestamp opened,
                                                 timestamp now) {
  const auto reachable = now - reachable_history;
  if (refused.reach >= reachable - lateness)
    return {};
  fallen_back begun{from_time(reachable, false, now), {}};
  auto known = std::max(refused.last_created, whole_until);
  if (known == no_time)
    known = opened == no_time ? earliest_history : opened;
  if (known < reachable)
    begun.gap = gap_text(known, reachable);
  begun.position.last_id = refused.last_id;
  begun.position.last_created = refused.last_created;
  return begun;
}

result<std::optional<page_position>> next_position(const page_position& asked, const page_summary& page,
                                                   std::int64_t page_size, timestamp now) {
  auto next = asked;
  if (!page.last_id.empty()) {
    next.last_id = page.last_id;
    next.last_created = page.last_created;
  }
  if (page.items >= static_cast<std::size_t>(page_size)) {
    if (page.last_id.empty())
      return failure(error_code::unexpected_shape, "Monzo's transactions: a full page without any id to go on from");
    if (page.last_id == asked.since || (asked.since == asked.last_id && page.last_created < asked.last_created))
      return failure(error_code::unexpected_shape, "Monzo's transactions: the page after " + asked.since +
                                                     " does not go on, it ends at " + page.last_id);
    next.since = page.last_id;
    next.reach = page.last_created;
    return next;
  }
  if (asked.window_end == no_time)
    return std::nullopt;
  auto following = from_time(asked.window_end - overlap, asked.history, now);
  following.last_id = next.last_id;
  following.last_created = next.last_created;
  return following;
}

bool seen_whole_is_due(const transaction_cursor& committed, timestamp now) noexcept {
  return committed.seen_whole == no_time || now - committed.seen_whole >= seen_whole_step;
}

transaction_cursor cursor_after(const transaction_cursor& committed, const page_position& seen, bool ended,
                                timestamp now) {
  auto cursor = committed;
  // Look-back reads what is stored already: the cursor stays until a page passes it.
  if (seen.last_created > committed.last_created) {
    cursor.last_id = seen.last_id;
    cursor.last_created = seen.last_created;
  }
  // An account without transactions has been seen whole all the same.
  if (cursor.empty())
    cursor.last_created = ended ? now : seen.reach;
  // A catch-up that is still among what is stored begins with its look-back again if it breaks off: `history` would have it
  // go on behind the newest.
  const bool looks_back = !committed.empty() && seen.last_created <= committed.last_created;
  cursor.history = !ended && (looks_back ? committed.history : seen.history);
  const bool moves = cursor.last_id != committed.last_id || cursor.last_created != committed.last_created ||
                     cursor.history != committed.history;
  if (ended && (moves || seen_whole_is_due(committed, now)))
    cursor.seen_whole = now;
  return cursor;
}

} // namespace penstock::connectors::monzo
