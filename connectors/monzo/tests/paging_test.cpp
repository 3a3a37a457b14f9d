#include "connectors/monzo/paging.hpp"

namespace penstock::connectors::monzo {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

run_start knowing(transaction_cursor committed) {
  run_start known;
  known.committed = std::move(committed);
  known.now = today;
  known.look_back = days{14};
  return known;
}

page_summary page_of(std::size_t items, std::string last_id, timestamp last_created) {
  return {items, std::move(last_id), last_created};
}

TEST(monzo_paging, FirstSyncReadsAllHistoryFromTheAccountsOpening) {
  auto known = knowing({});
  known.opened = today - days{1000};
  const auto begun = start_of_run(known);
  EXPECT_TRUE(begun.history);
  EXPECT_EQ(begun.reach, known.opened);
  EXPECT_EQ(begun.window_end, known.opened + longest_window);
  known.opened = no_time;
  EXPECT_EQ(start_of_run(known).reach, earliest_history);
}

TEST(monzo_paging, YoungAccountNeedsNoWindow) {
  auto known = knowing({});
  known.opened = today - longest_window;
  EXPECT_EQ(start_of_run(known).window_end, no_time);
}

TEST(monzo_paging, LaterRunLooksBackBeforeTheNewestStored) {
  const auto begun = start_of_run(knowing({"tx_1", today - days{1}}));
  EXPECT_EQ(begun.since, "2026-02-14T00:00:00Z");
  EXPECT_FALSE(begun.history);
  EXPECT_EQ(begun.window_end, no_time);
}

TEST(monzo_paging, OldestPendingTransactionReachesFurtherBack) {
  auto known = knowing({"tx_1", today - days{1}});
  known.oldest_pending = today - days{40};
  EXPECT_EQ(start_of_run(known).reach, today - days{40} - 1s);
  known.oldest_pending = today - days{3};
  EXPECT_EQ(start_of_run(known).reach, today - days{15});
}

TEST(monzo_paging, NothingReachesBeyondWhatMonzoGives) {
  auto known = knowing({"tx_1", today - days{1}});
  known.oldest_pending = today - days{89};
  EXPECT_EQ(start_of_run(known).reach, today - days{89});
  known.committed.last_created = today - days{400};
  known.committed.seen_whole = today - days{1};
  EXPECT_EQ(start_of_run(known).reach, today - days{89});
}

TEST(monzo_paging, AfterALongAbsenceHistoryIsAskedForAndAQuietAccountHasNone) {
  auto known = knowing({"tx_1", today - days{400}});
  known.committed.seen_whole = today - days{1};
  EXPECT_FALSE(start_of_run(known).history);
  known.committed.seen_whole = today - days{100};
  const auto begun = start_of_run(known);
  EXPECT_TRUE(begun.history);
  EXPECT_EQ(begun.reach, today - days{114}) << "with the look-back";
  const auto refused = after_refused_history(begun, known.committed.watched_until(), no_time, today);
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->gap.find("2025-11-21T00:00:00Z to 2025-12-02T00:00:00Z"), std::string::npos) << refused->gap;
}

TEST(monzo_paging, FirstSyncThatWasCutShortGoesOnBehindItsLastTransaction) {
  const auto begun = start_of_run(knowing({"tx_5", today - days{700}, true}));
  EXPECT_EQ(begun.since, "tx_5");
  EXPECT_TRUE(begun.history);
  EXPECT_EQ(begun.window_end, today - days{336});
}

TEST(monzo_paging, FullPageIsFollowedByItsLastId) {
  page_position asked;
  asked.since = "2026-02-14T00:00:00Z";
  const auto next = next_position(asked, page_of(3, "tx_3", today - days{2}), 3, today);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->since, "tx_3");
  EXPECT_EQ((*next)->last_created, today - days{2});
}

TEST(monzo_paging, ShortPageEndsTheStream) {
  page_position asked;
  asked.since = "tx_3";
  const auto next = next_position(asked, page_of(2, "tx_5", today), 3, today);
  ASSERT_TRUE(next);
  EXPECT_FALSE(*next);
}

TEST(monzo_paging, ShortPageOfAWindowLeadsToTheNextWindow) {
  page_position asked;
  asked.since = "tx_3";
  asked.history = true;
  asked.window_end = today - days{400};
  asked.last_id = "tx_3";
  const auto next = next_position(asked, page_of(0, "", no_time), 3, today);
  ASSERT_TRUE(next && *next);
  EXPECT_EQ((*next)->reach, today - days{400} - 1s);
  EXPECT_EQ((*next)->window_end, today - days{36} - 1s);
  EXPECT_EQ((*next)->last_id, "tx_3");
  const auto last = next_position(**next, page_of(0, "", no_time), 3, today);
  ASSERT_TRUE(last && *last);
  EXPECT_EQ((*last)->window_end, no_time);
}

TEST(monzo_paging, PageWithoutProgressIsAnErrorAndNoLoop) {
  page_position asked;
  asked.since = "tx_3";
  asked.last_id = "tx_3";
  asked.last_created = today;
  for (const auto& page : {page_of(3, "tx_3", today), page_of(3, "tx_1", today - days{1}), page_of(3, "", no_time)}) {
    const auto next = next_position(asked, page, 3, today);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, error_code::unexpected_shape);
  }
}

TEST(monzo_paging, RefusedHistoryLeavesAGapUpToWhatMonzoGives) {
  page_position refused;
  refused.since = "tx_3";
  refused.reach = today - days{300};
  refused.history = true;
  refused.last_id = "tx_3";
  refused.last_created = today - days{300};
  const auto instead = after_refused_history(refused, no_time, today - days{900}, today);
  ASSERT_TRUE(instead);
  EXPECT_EQ(instead->position.since, "2025-12-02T00:00:00Z");
  EXPECT_FALSE(instead->position.history);
  EXPECT_NE(instead->gap.find("2025-05-05T00:00:00Z to 2025-12-02T00:00:00Z"), std::string::npos) << instead->gap;
  EXPECT_FALSE(after_refused_history(instead->position, no_time, today - days{900}, today)) << "refused again: no loop";
}

TEST(monzo_paging, ARequestThatComesLaterThanItsStartWasChosenIsNotTooOld) {
  auto known = knowing({"tx_1", today - days{400}});
  known.committed.seen_whole = today - days{1};
  const auto begun = start_of_run(known);
  ASSERT_EQ(begun.reach, today - reachable_history);
  const auto whole_until = known.committed.watched_until();
  EXPECT_FALSE(after_refused_history(begun, whole_until, no_time, today + 1s))
    << "no second request that differs by a second";
  const auto late = after_refused_history(begun, whole_until, no_time, today + days{2});
  ASSERT_TRUE(late);
  EXPECT_EQ(late->position.reach, today + days{2} - reachable_history);
  EXPECT_EQ(late->gap, "") << "all of it had been stored";
}

TEST(monzo_paging, ACatchUpThatBreaksOffWithinItsLookBackBeginsWithItAgain) {
  const transaction_cursor committed{"tx_9", today - days{100}};
  page_position seen = start_of_run(knowing(committed));
  ASSERT_TRUE(seen.history);
  seen.last_id = "tx_5";
  seen.last_created = today - days{110};
  const auto within = cursor_after(committed, seen, false, today);
  EXPECT_FALSE(within.history);
  EXPECT_EQ(start_of_run(knowing(within)).reach, today - days{114});
  seen.last_id = "tx_12";
  seen.last_created = today - days{95};
  const auto beyond = cursor_after(within, seen, false, today);
  EXPECT_TRUE(beyond.history);
  EXPECT_EQ(start_of_run(knowing(beyond)).since, "tx_12");
}

TEST(monzo_paging, CursorNeverGoesBackDuringLookBack) {
  page_position seen;
  seen.last_id = "tx_old";
  seen.last_created = today - days{10};
  const auto cursor = cursor_after({"tx_new", today - days{1}}, seen, false, today);
  EXPECT_EQ(cursor.last_id, "tx_new");
  EXPECT_EQ(cursor.last_created, today - days{1});
  seen.last_id = "tx_newer";
  seen.last_created = today;
  EXPECT_EQ(cursor_after(cursor, seen, true, today).last_id, "tx_newer");
}

TEST(monzo_paging, CursorTellsUntilTheFirstSyncHasReachedThePresent) {
  page_position seen;
  seen.history = true;
  seen.last_id = "tx_1";
  seen.last_created = today - days{500};
  const auto under_way = cursor_after({}, seen, false, today);
  EXPECT_TRUE(under_way.history);
  const auto read_back = parse_cursor(to_text(under_way));
  ASSERT_TRUE(read_back);
  EXPECT_TRUE(read_back->history);
  EXPECT_EQ(read_back->last_id, "tx_1");
  EXPECT_EQ(read_back->last_created, today - days{500});
  EXPECT_FALSE(cursor_after(*read_back, seen, true, today).history);
}

TEST(monzo_paging, WithoutWordOfItsEndTheNewestTransactionCounts) {
  const auto old = parse_cursor(R"({"last_id":"tx_1","last_created":"2025-11-01T00:00:00Z"})");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->seen_whole, no_time);
  EXPECT_EQ(old->watched_until(), old->last_created);
  EXPECT_EQ(start_of_run(knowing(*old)).reach, old->last_created - days{14});
  EXPECT_FALSE(parse_cursor(R"({"last_id":"","last_created":"2025-11-01T00:00:00Z","seen_whole":"soon"})"));
}

TEST(monzo_paging, TheStreamsEndIsRememberedOnceADayOrWithWhatMoves) {
  page_position seen;
  seen.last_id = "tx_1";
  seen.last_created = today - days{50};
  transaction_cursor committed{"tx_1", today - days{50}};
  EXPECT_EQ(cursor_after(committed, seen, false, today).seen_whole, no_time) << "there is more to read";
  committed = cursor_after(committed, seen, true, today);
  EXPECT_EQ(committed.seen_whole, today);
  EXPECT_EQ(parse_cursor(to_text(committed))->seen_whole, today);

  EXPECT_EQ(to_text(cursor_after(committed, seen, true, today + 23h)), to_text(committed));
  EXPECT_FALSE(seen_whole_is_due(committed, today + 23h));
  EXPECT_TRUE(seen_whole_is_due(committed, today + 24h));
  EXPECT_EQ(cursor_after(committed, seen, true, today + 24h).seen_whole, today + 24h);
  seen.last_id = "tx_2";
  seen.last_created = today + 1h;
  EXPECT_EQ(cursor_after(committed, seen, true, today + 2h).seen_whole, today + 2h);
  EXPECT_EQ(cursor_after(committed, seen, false, today + 2h).seen_whole, today);
}

TEST(monzo_paging, AccountWithoutTransactionsHasBeenSeenToThePresent) {
  page_position seen;
  seen.history = true;
  seen.reach = today - days{500};
  const auto cursor = cursor_after({}, seen, true, today);
  EXPECT_EQ(cursor.last_created, today);
  EXPECT_FALSE(cursor.history);
}

TEST(monzo_paging, StrangeCursorSaysHowToGetRidOfIt) {
  const auto cursor = parse_cursor(R"({"before":"x"})");
  ASSERT_FALSE(cursor);
  EXPECT_NE(cursor.error().message.find("reset"), std::string::npos);
}

} // namespace
} // namespace penstock::connectors::monzo
