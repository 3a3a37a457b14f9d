#include "actors/queue_window.hpp"

#include <gtest/gtest.h>

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

const timestamp now{std::chrono::hours(500'000)};

ready_job job(std::int64_t id, std::uint8_t priority = 5, timestamp run_at = now) {
  ready_job made;
  made.id = job_id{id};
  made.priority = priority;
  made.run_at = run_at;
  return made;
}

std::vector<std::int64_t> take_all(queue_window& window) {
  std::vector<std::int64_t> ids;
  while (window.has_due())
    ids.push_back(window.take().id.value);
  return ids;
}

/// One that knows all that waits in the store.
queue_window complete_window(std::size_t capacity) {
  queue_window window(capacity);
  static_cast<void>(window.start_refill(now));
  window.refill_arrived({}, false, no_time, now);
  return window;
}

} // namespace

TEST(queue_window, FullWindowKeepsTheFirstInOrderAndAsksTheStoreForTheRest) {
  auto window = complete_window(2);
  EXPECT_FALSE(window.wants_refill());
  for (const auto id : {4, 3, 2, 1})
    window.add(job(id), now);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(window.wants_refill());
  EXPECT_EQ(window.start_refill(now).after, job(2).place());
}

TEST(queue_window, JobBehindOthersThatOnlyTheStoreKnowsWaitsForThem) {
  queue_window window(2);
  static_cast<void>(window.start_refill(now));
  window.refill_arrived({job(1), job(2)}, true, no_time, now); // 3 is in the store
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 2}));
  window.add(job(4), now);
  EXPECT_FALSE(window.has_due());
  EXPECT_EQ(window.start_refill(now).after, job(2).place());
  window.refill_arrived({job(3), job(4)}, false, no_time, now);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{3, 4}));
}

TEST(queue_window, JobThatComesDuringARefillIsNotLostToIt) {
  queue_window window(10);
  static_cast<void>(window.start_refill(now));
  window.add(job(2), now); // written after the refill was read
  window.refill_arrived({job(1)}, false, no_time, now);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1, 2}));
}

TEST(queue_window, JobCancelledDuringARefillDoesNotComeBack) {
  queue_window window(10);
  static_cast<void>(window.start_refill(now));
  window.add(job(2), now);
  window.drop(job_id{1});
  window.drop(job_id{2});
  window.refill_arrived({job(1), job(3)}, false, no_time, now);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{3}));
}

TEST(queue_window, RefillDoesNotBringBackWhatIsHeldOrHasEndedMeanwhile) {
  queue_window window(10);
  static_cast<void>(window.start_refill(now));
  window.refill_arrived({job(1), job(2)}, false, now + 1s, now);
  const auto held = window.take();
  const auto ended = window.take();
  window.advance(now + 1s); // something of the store alone is due: from the front
  EXPECT_EQ(window.start_refill(now + 1s).after, queue_place{});
  window.forget(ended.id);
  window.refill_arrived({held, ended, job(3)}, false, no_time, now + 1s);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{3}));
}

TEST(queue_window, JobThatEndedCanComeAgainAfterItsRetry) {
  auto window = complete_window(10);
  window.add(job(1), now);
  window.forget(window.take().id);
  window.add(job(1, 5, now + 5s), now);
  EXPECT_FALSE(window.has_due());
  window.advance(now + 5s);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1}));
}

TEST(queue_window, DelayedJobOfTheStoreAloneBringsTheWindowBackInTime) {
  queue_window window(10);
  static_cast<void>(window.start_refill(now));
  window.refill_arrived({}, false, now + 10s, now);
  EXPECT_EQ(window.next_due_at(), now + 10s);
  window.advance(now + 9s);
  EXPECT_FALSE(window.wants_refill());
  window.advance(now + 10s);
  EXPECT_TRUE(window.wants_refill());
}

TEST(queue_window, StoreIsAskedAgainForDelayedJobsBehindOneThatIsKnown) {
  auto window = complete_window(10);
  window.add(job(1, 5, now + 1s), now);
  static_cast<void>(window.start_refill(now));
  window.refill_arrived({}, false, now + 1s, now); // the store names the same one; others may lie behind it
  window.advance(now + 1s);
  EXPECT_TRUE(window.wants_refill());
}

TEST(queue_window, DelayedJobThatDoesNotFitIsRememberedByItsTime) {
  auto window = complete_window(1);
  window.add(job(1, 5, now + 1s), now);
  window.add(job(2, 5, now + 2s), now);
  window.advance(now + 1s);
  EXPECT_EQ(take_all(window), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(window.next_due_at(), now + 2s);
}

TEST(queue_window, FailedRefillIsTriedAgainLater) {
  queue_window window(10);
  static_cast<void>(window.start_refill(now));
  window.refill_failed(now);
  window.advance(now);
  EXPECT_FALSE(window.wants_refill());
  window.advance(now + 1s);
  EXPECT_TRUE(window.wants_refill());
}

TEST(queue_window, HeldSuspectIsNotTakenASecondTime) {
  auto window = complete_window(10);
  window.add(job(1), now);
  window.hold(job_id{1});
  window.add(job(1), now);
  EXPECT_FALSE(window.has_due());
  window.forget(job_id{1});
  window.add(job(1), now);
  EXPECT_TRUE(window.has_due());
}

} // namespace penstock::actors
