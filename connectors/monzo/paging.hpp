#pragma once

#include <optional>
#include <string>

#include "connectors/monzo/page_check.hpp"
#include "connectors/monzo/settings.hpp"
#include "connectors/monzo/transaction_args.hpp"
#include "connectors/monzo/transaction_cursor.hpp"

/// Which transactions to ask for. Pure rules; the requests are transaction_pull's.
///
/// Monzo answers oldest first, so paging goes forward: `since` is the id of a page's last transaction until a page is
/// short. `before` never comes from a page (it would never get past the first one); it only closes a window of history,
/// because one request may not span more than a year.
namespace penstock::connectors::monzo {

/// Longest stretch that we let one request span. Monzo refuses more than 365 days, counted when the request arrives: the
/// day in between is for requests that are late.
inline constexpr duration longest_window = std::chrono::days{364};
/// Monzo's first accounts are younger than this: where history starts if the account does not say when it was opened.
inline constexpr timestamp earliest_history{std::chrono::sys_days{std::chrono::year{2015} / 1 / 1}};

/// What a run knows before its first request.
struct run_start {
  transaction_cursor committed;
  std::optional<timestamp> oldest_pending; ///< within reachable_history
  timestamp opened = no_time;
  timestamp now = no_time;
  duration look_back{};
};

/// The first sync (also one that was cut short) reads all history. Later ones start at the older of the oldest pending
/// transaction and the look-back before the newest stored one, never further back than reachable_history; but a stream
/// that was not read for longer than that asks for history again, which Monzo gives right after a new consent.
[[nodiscard]] page_position start_of_run(const run_start& known);

struct fallen_back {
  page_position position;
  std::string gap; ///< the stretch that nobody can fetch any more; empty: it had been stored before
};
/// History was refused (verification_required): go on with what Monzo still gives. Nothing if the position did not
/// reach further back than that anyway, but for the time since it was chosen. `whole_until`: up to when the stream had been stored before this run; no_time:
/// not at all, and the account's opening counts.
[[nodiscard]] std::optional<fallen_back> after_refused_history(const page_position& refused, timestamp whole_until,
                                                               timestamp opened, timestamp now);

/// The request after a page, or nothing when the stream has ended.
/// unexpected_shape: the page makes no progress, so that asking on would never end.
[[nodiscard]] result<std::optional<page_position>> next_position(const page_position& asked, const page_summary& page,
                                                                 std::int64_t page_size, timestamp now);

/// How old `seen_whole` may get before a run that finds nothing new moves it: far below what Monzo gives, and a sync of
/// unchanged data stores nothing for it in between.
inline constexpr duration seen_whole_step = std::chrono::days{1};

/// Whether the end of the stream is to be committed though nothing else is.
[[nodiscard]] bool seen_whole_is_due(const transaction_cursor& committed, timestamp now) noexcept;

/// What to commit with a page. `seen` is the position after it (the run's last transaction); `ended`: no page follows,
/// the stream has been read to its end. `seen_whole` moves then, if it is due or the cursor moves anyway.
[[nodiscard]] transaction_cursor cursor_after(const transaction_cursor& committed, const page_position& seen,
                                              bool ended, timestamp now);

} // namespace penstock::connectors::monzo
