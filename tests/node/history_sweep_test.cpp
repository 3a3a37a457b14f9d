#include "node/history_sweep.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"

namespace penstock::node {
namespace {

/// Answers with the counts that it was given, and keeps what it was asked.
class sweeping : public testing::Test {
protected:
  [[nodiscard]] std::int64_t run() {
    history_sweep sweep(
      {.completed_jobs = std::chrono::hours(1),
       .failed_jobs = std::chrono::hours(2),
       .events = std::chrono::hours(3),
       .occurrences = std::chrono::hours(4)},
      {}, clock, [this](unit_of_work unit) -> result<unit_result> {
        asked.push_back(std::get<sweep_history>(unit.changes.at(0)));
        if (answers.empty())
          return failure(error_code::storage_busy, "busy");
        unit_result told;
        told.created = answers.front();
        answers.pop_front();
        return told;
      });
    return sweep.run();
  }

  manual_clock clock;
  std::deque<std::vector<std::int64_t>> answers;
  std::vector<sweep_history> asked;
};

TEST_F(sweeping, AgesCountFromNow) {
  answers = {{0, 0, 0}};
  EXPECT_EQ(run(), 0);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].completed_before, clock.now() - std::chrono::hours(1));
  EXPECT_EQ(asked[0].failed_before, clock.now() - std::chrono::hours(2));
  EXPECT_EQ(asked[0].events_before, clock.now() - std::chrono::hours(3));
  EXPECT_EQ(asked[0].occurrences_before, clock.now() - std::chrono::hours(4));
  EXPECT_EQ(asked[0].limit, history_sweep::batch);
}

TEST_F(sweeping, GoesOnWhileAnyKindFillsItsBatch) {
  answers = {{history_sweep::batch, 0, 3}, {10, 0, history_sweep::batch}, {0, 1, 0}};
  EXPECT_EQ(run(), 2 * history_sweep::batch + 14);
  EXPECT_EQ(asked.size(), 3U);
}

TEST_F(sweeping, OneRoundIsBounded) {
  answers.assign(history_sweep::most_batches + 5, {history_sweep::batch, 0, 0});
  EXPECT_EQ(run(), history_sweep::batch * history_sweep::most_batches);
}

TEST_F(sweeping, RefusalEndsTheRound) {
  answers = {{history_sweep::batch, 0, 0}};
  EXPECT_EQ(run(), history_sweep::batch);
  EXPECT_EQ(asked.size(), 2U);
}

} // namespace
} // namespace penstock::node
