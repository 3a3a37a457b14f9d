#include "actors/firing_plan.hpp"

#include <gtest/gtest.h>

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

constexpr timestamp midnight{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

schedule one_of(std::string name, std::string rule) {
  schedule made;
  made.name = std::move(name);
  made.rule = std::move(rule);
  made.kind = "test.step";
  made.created_at = made.effective_from = midnight - 30min;
  return made;
}

std::vector<schedule> hourly() { return {one_of("hourly", "0 * * * *")}; }

std::vector<schedule> fired_before(std::string rule, timestamp last) {
  auto value = one_of("old", std::move(rule));
  value.created_at = value.effective_from = last - 24h;
  value.last_fired_at = last;
  return {value};
}

const fire_schedule& fire_of(const firing_plan::firing& shot) {
  return std::get<fire_schedule>(shot.unit.changes.at(0));
}

const miss_schedule& miss_of(const firing_plan::firing& shot) {
  return std::get<miss_schedule>(shot.unit.changes.at(0));
}

schedule_firing done(std::string name, timestamp at, firing_outcome outcome = firing_outcome::fired) {
  return {std::move(name), at, outcome, {}, {}, {}, {}};
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
  plan.settled(done("hourly", midnight), midnight + 2s);
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

TEST(firing_plan, OnTimeComparesWithWhatItKnowsAndMissesNothing) {
  firing_plan plan;
  ASSERT_TRUE(plan.load(hourly(), midnight - 1min).empty());
  const auto due = plan.take_due(midnight + 3ms);
  ASSERT_EQ(due.size(), 1u);
  const auto& fire = fire_of(due[0]);
  EXPECT_EQ(fire.reason, firing_reason::on_time);
  EXPECT_EQ(fire.occurrence, midnight);
  EXPECT_EQ(fire.expected_last, no_time);
  EXPECT_EQ(fire.expected_effective, midnight - 30min);
  EXPECT_EQ(fire.missed.count, 0);
}

TEST(firing_plan, ThreeDaysDownFireADailyOneOnceAndAFrequentOneOnce) {
  for (const auto* rule : {"0 4 * * *", "every 5 m"}) {
    firing_plan plan;
    const auto now = midnight + 4h + 2min;
    ASSERT_TRUE(plan.load(fired_before(rule, midnight - 68h), now).empty()); // 04:00 three days before
    const auto due = plan.take_due(now);
    ASSERT_EQ(due.size(), 1u) << rule;
    const auto& fire = fire_of(due[0]);
    EXPECT_EQ(fire.reason, firing_reason::catch_up);
    EXPECT_EQ(fire.occurrence, midnight + 4h) << rule;
    EXPECT_EQ(fire.missed.count, rule[0] == '0' ? 2 : 72 * 12 - 1);
    plan.settled(done("old", fire.occurrence), now);
    EXPECT_TRUE(plan.take_due(now).empty());
    EXPECT_GT(plan.next(), now);
  }
}

TEST(firing_plan, TooOldForItsWindowIsToldOnceAndNotFired) {
  auto schedules = fired_before("0 4 * * *", midnight - 68h);
  schedules.front().catch_up = 1h;
  firing_plan plan;
  const auto now = midnight + 6h;
  ASSERT_TRUE(plan.load(schedules, now).empty());
  const auto due = plan.take_due(now);
  ASSERT_EQ(due.size(), 1u);
  const auto& miss = miss_of(due[0]);
  EXPECT_EQ(miss.missed.count, 3);
  EXPECT_EQ(miss.missed.first, midnight - 44h);
  EXPECT_EQ(miss.missed.last, midnight + 4h);
  plan.settled(done("old", miss.missed.last, firing_outcome::missed), now);
  EXPECT_TRUE(plan.take_due(now + 1h).empty());
  EXPECT_EQ(plan.next(), midnight + 28h);
}

TEST(firing_plan, NoCatchUpStillAllowsForABusyMoment) {
  auto schedules = hourly();
  schedules.front().catch_up = no_catch_up;
  firing_plan plan;
  ASSERT_TRUE(plan.load(schedules, midnight - 1min).empty());
  const auto due = plan.take_due(midnight + 10s);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(fire_of(due[0]).occurrence, midnight);
  firing_plan restarted;
  ASSERT_TRUE(restarted.load(schedules, midnight + 10s).empty());
  const auto late = restarted.take_due(midnight + 10s);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(miss_of(late[0]).missed.count, 1);
}

TEST(firing_plan, AClockThatStepsForwardIsADowntime) {
  firing_plan plan;
  ASSERT_TRUE(plan.load(hourly(), midnight - 1min).empty());
  const auto due = plan.take_due(midnight + 10h + 5min);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(fire_of(due[0]).occurrence, midnight + 10h);
  EXPECT_EQ(fire_of(due[0]).missed.count, 10);
  EXPECT_EQ(fire_of(due[0]).reason, firing_reason::catch_up);
  plan.settled(done("hourly", midnight + 10h), midnight + 10h + 5min);
  EXPECT_EQ(plan.next(), midnight + 11h);
}

TEST(firing_plan, AClockThatStepsBackFiresNothingTwice) {
  firing_plan plan;
  ASSERT_TRUE(plan.load(hourly(), midnight - 1min).empty());
  ASSERT_EQ(plan.take_due(midnight + 1s).size(), 1u);
  plan.settled(done("hourly", midnight), midnight - 2h);
  EXPECT_TRUE(plan.take_due(midnight - 1h).empty());
  EXPECT_TRUE(plan.take_due(midnight + 1s).empty());
  EXPECT_EQ(plan.next(), midnight + 1h);
}

TEST(firing_plan, ARuleThatWasJustChangedMissedNothingBefore) {
  auto schedules = fired_before("0 4 * * *", midnight - 68h);
  schedules.front().effective_from = midnight + 5h;
  firing_plan plan;
  ASSERT_TRUE(plan.load(schedules, midnight + 5h + 1s).empty());
  EXPECT_TRUE(plan.take_due(midnight + 5h + 1s).empty());
  EXPECT_EQ(plan.next(), midnight + 28h);
}

TEST(firing_plan, JitterDelaysTheJobsAndNotTheFiring) {
  seeded_random random{7};
  auto schedules = hourly();
  schedules.front().jitter = 10min;
  bool some = false;
  for (int i = 0; i < 50; ++i) {
    firing_plan plan{&random};
    ASSERT_TRUE(plan.load(schedules, midnight - 1min).empty());
    const auto due = plan.take_due(midnight);
    ASSERT_EQ(due.size(), 1u);
    EXPECT_GE(fire_of(due[0]).delay, 0s);
    EXPECT_LE(fire_of(due[0]).delay, 10min);
    some |= fire_of(due[0]).delay > 1min;
  }
  EXPECT_TRUE(some);
}

TEST(firing_plan, OfManySchedulesOnlyTheDueOnesAreTouched) {
  std::vector<schedule> many;
  for (int i = 0; i < 1000; ++i)
    many.push_back(
      one_of("daily " + std::to_string(i), std::to_string(i % 60) + " " + std::to_string(i % 24) + " * * *"));
  for (auto& each : many)
    each.created_at = each.effective_from = midnight - 1s;
  firing_plan plan;
  ASSERT_TRUE(plan.load(many, midnight - 1s).empty());
  std::size_t fired = 0;
  auto now = midnight;
  while (now < midnight + 24h) {
    for (const auto& due : plan.take_due(now)) {
      ++fired;
      EXPECT_EQ(due.occurrence, now);
      plan.settled(done(due.name, due.occurrence), now);
    }
    ASSERT_GT(plan.next(), now);
    now = plan.next();
  }
  EXPECT_EQ(fired, 1000u);
}

} // namespace penstock::actors
