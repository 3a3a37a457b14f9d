#include "core/progress.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr timestamp t0{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

TEST(progress, PercentIsHundredOnlyWhenAllIsDone) {
  EXPECT_EQ(percent_of(0, 3), 0);
  EXPECT_EQ(percent_of(1, 3), 33);
  EXPECT_EQ(percent_of(999'999, 1'000'000), 99);
  EXPECT_EQ(percent_of(INT64_MAX - 1, INT64_MAX), 99);
  EXPECT_EQ(percent_of(3, 3), 100);
  EXPECT_EQ(percent_of(5, 3), 100);
  EXPECT_EQ(percent_of(-1, 3), 0);
  EXPECT_EQ(percent_of(0, 0), std::nullopt);
  EXPECT_EQ(percent_of(1, -1), std::nullopt);
}

TEST(progress, EstimateGoesOnAsItWent) {
  EXPECT_EQ(estimate_remaining(t0, 25, 100, t0 + 10s), 30s);
  EXPECT_EQ(estimate_remaining(t0, 100, 100, t0 + 10s), 0s);
  EXPECT_EQ(estimate_remaining(t0, 120, 100, t0 + 10s), 0s);
  EXPECT_EQ(estimate_remaining(t0, 0, 100, t0 + 10s), std::nullopt);
  EXPECT_EQ(estimate_remaining(t0, 5, 0, t0 + 10s), std::nullopt);
  EXPECT_EQ(estimate_remaining(t0, 5, 10, t0 - 1s), std::nullopt);
  EXPECT_EQ(estimate_remaining(t0, 1, INT64_MAX, t0 + 10s), std::chrono::days{100});
}

TEST(progress, CountersFillInWhatIsMissing) {
  progress given;
  given.done = 25;
  given.total = 100;
  const auto filled = completed_estimates(given, t0, t0 + 10s);
  EXPECT_EQ(filled.percent, 25);
  EXPECT_EQ(filled.remaining, 30s);
}

TEST(progress, WhatTheHandlerSaidStandsWithinRange) {
  progress given;
  given.done = 25;
  given.total = 100;
  given.percent = 130;
  given.remaining = -5s;
  const auto filled = completed_estimates(given, t0, t0 + 10s);
  EXPECT_EQ(filled.percent, 100);
  EXPECT_EQ(filled.remaining, 0s);
  EXPECT_EQ(completed_estimates({}, t0, t0 + 10s), progress{});
}

TEST(progress_throttle, WritesAtMostOnceASecond) {
  progress_throttle throttle;
  int writes = 0;
  for (int i = 0; i < 1000; ++i)
    writes += throttle.offer(t0 + i * 10ms);
  EXPECT_EQ(writes, 10);
}

TEST(progress_throttle, TellsWhenAHeldBackChangeIsDue) {
  progress_throttle throttle;
  EXPECT_EQ(throttle.due_at(), std::nullopt);
  EXPECT_TRUE(throttle.offer(t0));
  EXPECT_EQ(throttle.due_at(), std::nullopt);
  EXPECT_FALSE(throttle.offer(t0 + 300ms));
  EXPECT_EQ(throttle.due_at(), t0 + 1s);
  EXPECT_TRUE(throttle.offer(t0 + 1s));
  EXPECT_EQ(throttle.due_at(), std::nullopt);
}

TEST(progress_throttle, ClockThatStepsBackDoesNotHoldItUp) {
  progress_throttle throttle;
  EXPECT_TRUE(throttle.offer(t0));
  EXPECT_TRUE(throttle.offer(t0 - 1h));
  EXPECT_FALSE(throttle.offer(t0 - 1h + 500ms));
}

} // namespace
} // namespace penstock
