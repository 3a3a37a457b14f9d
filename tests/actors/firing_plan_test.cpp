#include "actors/firing_plan.hpp"

#include <gtest/gtest.h>

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

constexpr timestamp midnight{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

std::vector<schedule> hourly() {
  schedule made;
  made.name = "hourly";
  made.rule = "0 * * * *";
  made.time_zone = "UTC";
  made.kind = "test.step";
  made.enabled = true;
  made.created_at = midnight - 30min;
  return {made};
}

} // namespace

TEST(firing_plan, FiringThatWasRefusedIsNotTriedAtOnceBecauseTheTableIsReadAgain) {
  firing_plan plan;
  ASSERT_TRUE(plan.load(hourly(), midnight - 1min).empty());
  ASSERT_EQ(plan.take_due(midnight).size(), 1u);
  plan.refused("hourly", midnight + 1min);
  ASSERT_TRUE(plan.load(hourly(), midnight).empty());
  EXPECT_TRUE(plan.take_due(midnight + 59s).empty());
  EXPECT_EQ(plan.next(), midnight + 1min);
  EXPECT_EQ(plan.take_due(midnight + 1min).size(), 1u);
}

TEST(firing_plan, OneThatIsOnItsWayIsNotFiredTwice) {
  firing_plan plan;
  ASSERT_TRUE(plan.load(hourly(), midnight - 1min).empty());
  ASSERT_EQ(plan.take_due(midnight).size(), 1u);
  ASSERT_TRUE(plan.load(hourly(), midnight).empty());
  EXPECT_TRUE(plan.take_due(midnight + 1s).empty());
  plan.fired("hourly", midnight, midnight + 2s);
  EXPECT_EQ(plan.next(), midnight + 1h);
}

TEST(firing_plan, ScheduleWhoseRuleCannotBeReadIsLeftOutAndTold) {
  auto schedules = hourly();
  schedules.front().rule = "every now and then";
  firing_plan plan;
  const auto problems = plan.load(std::move(schedules), midnight);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems.front().message.find("hourly"), std::string::npos);
  EXPECT_EQ(plan.next(), no_time);
}

} // namespace penstock::actors
