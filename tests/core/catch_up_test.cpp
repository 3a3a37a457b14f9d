#include "core/catch_up.hpp"

#include <gtest/gtest.h>

#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

schedule_rule rule(std::string_view text) { return schedule_rule::parse(text).value(); }
timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(catch_up, DefaultWindowIsThePeriodAtMostSevenDays) {
  const auto monday = at("2026-03-02T04:00:00Z");
  EXPECT_EQ(default_catch_up_window(rule("0 4 * * *"), monday), 24h);
  EXPECT_EQ(default_catch_up_window(rule("every 5 m"), monday), 5min);
  EXPECT_EQ(default_catch_up_window(rule("0 4 2 * *"), monday), 168h);
  EXPECT_EQ(default_catch_up_window(rule("0 4 * * mon"), monday), 168h);
}

TEST(catch_up, FiresTheLastMissedOnce) {
  const auto daily = rule("0 4 * * *");
  const auto last = at("2026-03-01T04:00:00Z");
  // Nine days down: one firing, the last.
  EXPECT_EQ(missed_firing(daily, last, at("2026-03-10T12:00:00Z")), at("2026-03-10T04:00:00Z"));
  // Once it has fired there is no other.
  EXPECT_EQ(missed_firing(daily, at("2026-03-10T04:00:00Z"), at("2026-03-10T12:00:00Z")), std::nullopt);
}

TEST(catch_up, NothingMissedIsNothing) {
  EXPECT_EQ(missed_firing(rule("0 4 * * *"), at("2026-03-01T04:00:00Z"), at("2026-03-02T03:59:59Z")), std::nullopt);
  EXPECT_EQ(missed_firing(rule("0 0 30 2 *"), at("2026-03-01T04:00:00Z"), at("2036-03-02T03:59:59Z")), std::nullopt);
}

TEST(catch_up, DueThisVeryMomentCounts) {
  EXPECT_EQ(missed_firing(rule("0 4 * * *"), at("2026-03-01T04:00:00Z"), at("2026-03-02T04:00:00Z")),
            at("2026-03-02T04:00:00Z"));
}

TEST(catch_up, OlderThanTheWindowIsLetGo) {
  const auto monthly = rule("0 4 1 * *");
  const auto last = at("2026-02-01T04:00:00Z");
  EXPECT_EQ(missed_firing(monthly, last, at("2026-03-08T03:59:59Z")), at("2026-03-01T04:00:00Z"));
  EXPECT_EQ(missed_firing(monthly, last, at("2026-03-08T04:00:00Z")), std::nullopt);
  const auto daily = rule("0 4 * * *");
  EXPECT_EQ(missed_firing(daily, last, at("2026-03-08T05:00:00Z"), 1h), std::nullopt);
  EXPECT_EQ(missed_firing(daily, last, at("2026-03-08T04:59:00Z"), 1h), at("2026-03-08T04:00:00Z"));
  EXPECT_EQ(missed_firing(daily, last, at("2026-03-08T04:00:00Z"), 0s), std::nullopt);
}

TEST(catch_up, ClockThatSteppedBackGivesNothing) {
  EXPECT_EQ(missed_firing(rule("every 1 m"), at("2026-03-08T04:00:00Z"), at("2026-03-08T03:00:00Z")), std::nullopt);
}

TEST(catch_up, YearsDownOfAnEveryMinuteScheduleIsOneFiring) {
  EXPECT_EQ(missed_firing(rule("* * * * *"), at("2016-01-01T00:00:00Z"), at("2026-03-08T03:00:30Z")),
            at("2026-03-08T03:00:00Z"));
}

} // namespace
} // namespace penstock
