#include "actors/group_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

const timestamp now{std::chrono::hours(500'000)};

ready_job job(std::int64_t id, const std::string& group, std::uint8_t priority = 5, timestamp run_at = now) {
  ready_job made;
  made.id = job_id{id};
  made.kind = "k";
  made.group_key = group;
  made.priority = priority;
  made.run_at = run_at;
  return made;
}

class group_lanes_test : public ::testing::Test {
protected:
  group_lanes_test() { know_all(); }

  /// The store has nothing that the lanes do not know.
  void know_all() {
    static_cast<void>(aut.start_refill(now));
    storage::lane_window nothing;
    nothing.searched_all = true;
    aut.refill_arrived(std::move(nothing), now);
  }
  std::optional<std::int64_t> take() {
    const auto* first = aut.first(*gate, at);
    if (!first)
      return std::nullopt;
    auto taken = aut.take(++turns);
    gate->enter(taken, at);
    running.push_back(taken);
    return taken.id.value;
  }
  std::vector<std::int64_t> take_all() {
    std::vector<std::int64_t> ids;
    while (const auto id = take())
      ids.push_back(*id);
    return ids;
  }
  void leave(std::size_t index) {
    aut.forget(running.at(index).id);
    for (const auto& prefix : gate->leave(running.at(index)))
      aut.open(prefix);
  }
  using ids = std::vector<std::int64_t>;

  job_kind_catalogue kinds;
  std::optional<group_gate> gate{std::in_place, group_limits{}, kinds};
  group_lanes aut{10};
  std::uint64_t turns = 0;
  timestamp at = now;
  std::vector<ready_job> running;
};

TEST_F(group_lanes_test, DelayedJobThatFoundNoRoomIsLookedForThoughTheClockWentBackSinceTheLastRead) {
  static_cast<void>(aut.start_refill(now + 1h)); // all that is due by then is accounted for
  storage::lane_window nothing;
  nothing.searched_all = true;
  aut.refill_arrived(std::move(nothing), now + 1h);
  for (std::int64_t id = 1; id <= 11; ++id) // one more than there is room for; the clock stands at `now` again
    aut.add(job(id, "a", 5, now + std::chrono::minutes(id)), now);
  aut.advance(now + 11min);
  ASSERT_TRUE(aut.wants_refill());
  EXPECT_LT(aut.start_refill(now + 11min).due_since, now + 11min) << "the read must tell of job 11";
}

TEST_F(group_lanes_test, DelayedJobThatFoundNoRoomDuringAReadIsLookedForThoughTheClockWentBack) {
  static_cast<void>(aut.start_refill(now + 1h));
  for (std::int64_t id = 1; id <= 11; ++id) // the clock steps back by an hour while the read is under way
    aut.add(job(id, "a", 5, now + std::chrono::minutes(id)), now);
  storage::lane_window nothing;
  nothing.searched_all = true;
  aut.refill_arrived(std::move(nothing), now);
  aut.advance(now + 11min);
  ASSERT_TRUE(aut.wants_refill());
  EXPECT_LT(aut.start_refill(now + 11min).due_since, now + 11min) << "the read must tell of job 11";
}

} // namespace

TEST_F(group_lanes_test, TenantsTakeTurnsWhateverTheyHaveWaiting) {
  for (const auto id : {1, 2, 3, 4})
    aut.add(job(id, "big"), now);
  aut.add(job(5, "small"), now);
  aut.add(job(6, "small"), now);
  EXPECT_EQ(take_all(), (ids{1, 5, 2, 6, 3, 4}));
}

TEST_F(group_lanes_test, APriorityComesBeforeTurns) {
  aut.add(job(1, "a", 5), now);
  aut.add(job(2, "b", 9), now);
  aut.add(job(3, "a", 0), now);
  aut.add(job(4, "a", 0), now);
  EXPECT_EQ(take_all(), (ids{3, 4, 1, 2}));
}

TEST_F(group_lanes_test, WithinATenantTheEarliestRunsFirst) {
  aut.add(job(2, "a/x", 5, now - 1s), now);
  aut.add(job(1, "a/y"), now);
  aut.add(job(3, "a/x"), now);
  EXPECT_EQ(take_all(), (ids{2, 1, 3}));
}

TEST_F(group_lanes_test, OneThatComesAgainAndAgainIsNotBeforeThoseWhoWait) {
  aut.add(job(1, "a"), now);
  aut.add(job(2, "a"), now);
  aut.add(job(3, "b"), now);
  EXPECT_EQ(take(), 1);
  EXPECT_EQ(take(), 3);
  aut.add(job(4, "b"), now);
  EXPECT_EQ(take(), 2) << "b had its turn";
  EXPECT_EQ(take(), 4);
}

TEST_F(group_lanes_test, AFullWindowTakesInATenantThatComesLate) {
  for (std::int64_t id = 1; id <= 30; ++id)
    aut.add(job(id, "big"), now);
  aut.add(job(100, "small"), now);
  EXPECT_EQ(take(), 1);
  EXPECT_EQ(take(), 100);
}

TEST_F(group_lanes_test, WhatFoundNoRoomIsReadFromTheStoreLaneByLane) {
  for (std::int64_t id = 1; id <= 12; ++id)
    aut.add(job(id, "a"), now);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(take(), i + 1);
  ASSERT_TRUE(aut.wants_refill());
  const auto asked = aut.start_refill(now);
  ASSERT_EQ(asked.lanes.size(), 1u);
  EXPECT_EQ(asked.lanes[0].key, "a");
  EXPECT_EQ(asked.lanes[0].after, job(10, "a").place());
  aut.refill_arrived({.lanes = {{"a", false, {job(11, "a"), job(12, "a")}, false}}}, now);
  EXPECT_FALSE(aut.wants_refill());
  EXPECT_EQ(take_all(), (ids{11, 12}));
}

TEST_F(group_lanes_test, JobThatComesBehindHiddenOnesWaitsForThem) {
  for (std::int64_t id = 1; id <= 11; ++id)
    aut.add(job(id, "a"), now);
  for (int i = 0; i < 10; ++i)
    take();
  aut.add(job(13, "a"), now);
  EXPECT_EQ(take(), std::nullopt) << "11 stands before it, in the store";
  static_cast<void>(aut.start_refill(now));
  aut.refill_arrived({.lanes = {{"a", false, {job(11, "a"), job(13, "a")}, false}}}, now);
  EXPECT_EQ(take_all(), (ids{11, 13}));
}

TEST_F(group_lanes_test, WhatBecameDueBetweenKnownJobsIsReadThoughTheWindowIsFull) {
  storage::lane_window later;
  later.searched_all = true;
  later.next_run_at = now + 1s;
  static_cast<void>(aut.start_refill(now));
  aut.refill_arrived(std::move(later), now);
  for (const auto second : {2, 4, 6, 8, 10, 12, 14, 16, 18, 20})
    aut.add(job(second, "a", 5, now - 1min + std::chrono::seconds(second)), now);
  at = now + 1s;
  aut.advance(at);
  ASSERT_TRUE(aut.wants_refill());
  ASSERT_NE(aut.start_refill(at).due_since, no_time);
  const auto of = [](std::int64_t second) { return job(second, "a", 5, now - 1min + std::chrono::seconds(second)); };
  // The clock went back since: 3 and 7 are earlier than others. The read stops before 7.
  aut.refill_arrived({.lanes = {{"a", false, {of(2), of(3)}, true}}}, at);
  aut.add(of(1), at);
  std::vector<std::int64_t> ran;
  for (int turn = 0; turn < 20; ++turn) {
    while (const auto id = take())
      ran.push_back(*id);
    if (!aut.wants_refill())
      break;
    const auto asked = aut.start_refill(at);
    storage::lane_window::lane rest{"a", false, {}, false};
    for (const auto second : {2, 3, 4, 6, 7, 8, 10, 12, 14, 16, 18, 20})
      if (of(second).place() > asked.lanes.at(0).after)
        rest.jobs.push_back(of(second));
    aut.refill_arrived({.lanes = {std::move(rest)}}, at);
  }
  EXPECT_TRUE(std::find(ran.begin(), ran.end(), 7) != ran.end());
  EXPECT_EQ(ran.size(), 13u);
}

TEST_F(group_lanes_test, JobThatIsLeftToTheStoreDuringARefillIsNotLost) {
  for (std::int64_t id = 1; id <= 11; ++id)
    aut.add(job(id, "a"), now);
  for (int i = 0; i < 10; ++i)
    take();
  static_cast<void>(aut.start_refill(now));
  aut.add(job(13, "a"), now); // written after the refill read
  aut.refill_arrived({.lanes = {{"a", false, {job(11, "a")}, false}}}, now);
  EXPECT_EQ(take(), 11);
  ASSERT_TRUE(aut.wants_refill());
  EXPECT_EQ(aut.start_refill(now).lanes.at(0).after, queue_place{});
  aut.refill_arrived({.lanes = {{"a", false, {job(11, "a"), job(13, "a")}, false}}}, now);
  EXPECT_EQ(take_all(), ids{13}) << "11 is held by a slot";
}

TEST_F(group_lanes_test, AJobThatEndedDuringARefillDoesNotComeBack) {
  aut.add(job(1, "a"), now);
  EXPECT_EQ(take(), 1);
  for (std::int64_t id = 2; id <= 13; ++id)
    aut.add(job(id, "a"), now);
  while (!aut.wants_refill())
    take();
  static_cast<void>(aut.start_refill(now));
  leave(0);
  aut.refill_arrived({.lanes = {{"a", false, {job(1, "a"), job(13, "a")}, false}}}, now);
  const auto rest = take_all();
  EXPECT_EQ(std::count(rest.begin(), rest.end(), 1), 0);
  EXPECT_EQ(std::count(rest.begin(), rest.end(), 13), 1);
}

TEST_F(group_lanes_test, BeforeAllLanesAreKnownAJobWaitsForThoseBeforeIt) {
  group_lanes fresh{10};
  EXPECT_TRUE(fresh.wants_refill());
  static_cast<void>(fresh.start_refill(now));
  fresh.add(job(7, "z"), now);
  storage::lane_window first{.lanes = {{"a", false, {job(1, "a")}, false}}, .searched_to = "a"};
  fresh.refill_arrived(std::move(first), now);
  ASSERT_NE(fresh.first(*gate, now), nullptr);
  EXPECT_EQ(fresh.first(*gate, now)->id, job_id{1});
  const auto asked = fresh.start_refill(now);
  EXPECT_TRUE(asked.search);
  EXPECT_EQ(asked.search_after, "a");
  ASSERT_EQ(asked.lanes.size(), 1u);
  EXPECT_EQ(asked.lanes[0].key, "z");
}

TEST_F(group_lanes_test, DelayedJobComesWhenItsTimeHasCome) {
  aut.add(job(1, "a", 5, now + 5s), now);
  EXPECT_EQ(take(), std::nullopt);
  EXPECT_EQ(aut.next_wake(), now + 5s);
  aut.advance(now + 5s);
  EXPECT_EQ(take(), 1);
}

TEST_F(group_lanes_test, WhatTheStoreAloneKnowsIsLookedForWhenItIsDue) {
  static_cast<void>(aut.start_refill(now));
  storage::lane_window found;
  found.searched_all = true;
  found.next_run_at = now + 5s;
  aut.refill_arrived(std::move(found), now);
  EXPECT_FALSE(aut.wants_refill());
  aut.advance(now + 5s);
  ASSERT_TRUE(aut.wants_refill());
  EXPECT_EQ(aut.start_refill(now + 5s).due_since, now);
}

TEST_F(group_lanes_test, ABlockedCredentialIsSteppedOverUntilItsTime) {
  gate->block("a/x", now + 10s);
  for (const auto id : {1, 2})
    aut.add(job(id, "a/x"), now);
  aut.add(job(3, "a/y"), now);
  EXPECT_EQ(take_all(), ids{3});
  EXPECT_EQ(aut.next_wake(), now + 10s);
  at = now + 10s;
  aut.advance(at);
  EXPECT_EQ(take_all(), (ids{1, 2}));
}

TEST_F(group_lanes_test, OfAStreamOneJobRunsAtATime) {
  auto first = job(1, "a/x/s");
  first.in_order = true;
  auto second = job(2, "a/x/s");
  second.in_order = true;
  aut.add(first, now);
  EXPECT_EQ(take(), 1);
  aut.add(second, now);
  EXPECT_EQ(take(), std::nullopt);
  leave(0);
  EXPECT_EQ(take(), 2);
}

TEST_F(group_lanes_test, ATenantsConcurrencyHoldsBackItsOwnJobsAlone) {
  gate.emplace(group_limits{.tenant = 1, .credential = 0}, kinds);
  aut.add(job(1, "a/x"), now);
  aut.add(job(2, "a/y"), now);
  aut.add(job(3, "b"), now);
  EXPECT_EQ(take_all(), (ids{1, 3}));
  leave(0);
  EXPECT_EQ(take_all(), ids{2});
}

TEST_F(group_lanes_test, ACancelledJobIsDropped) {
  aut.add(job(1, "a"), now);
  aut.add(job(2, "a", 5, now + 5s), now);
  EXPECT_TRUE(aut.drop(job_id{1}));
  EXPECT_TRUE(aut.drop(job_id{2}));
  EXPECT_FALSE(aut.drop(job_id{3}));
  aut.advance(now + 5s);
  EXPECT_EQ(take(), std::nullopt);
}

} // namespace penstock::actors
