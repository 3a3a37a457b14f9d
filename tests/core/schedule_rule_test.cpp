#include "core/schedule_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.hpp"
#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

schedule_rule rule(std::string_view text, std::string_view zone = {}) {
  auto parsed = schedule_rule::parse(text, zone);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : schedule_rule::parse("@daily").value();
}

timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(schedule_rule, IsACronExpressionOrAnInterval) {
  EXPECT_EQ(rule("0 4 * * *").next(at("2026-03-08T05:00:00Z")), at("2026-03-09T04:00:00Z"));
  EXPECT_EQ(rule("every 5 m").next(at("2026-03-08T05:01:00Z")), at("2026-03-08T05:05:00Z"));
  EXPECT_EQ(rule("30 2 * * *", "America/New_York").next(at("2026-03-07T12:00:00Z")), at("2026-03-08T03:00:00-04:00"));
}

TEST(schedule_rule, DescribesItself) {
  EXPECT_EQ(rule("30  2 * * *", "America/New_York").describe(), "30 2 * * * in America/New_York");
  EXPECT_EQ(rule("@daily").describe(), "@daily in UTC");
  EXPECT_EQ(rule("every 5m", "Europe/Berlin").describe(), "every 5 m");
  EXPECT_EQ(rule("every 5m", "Europe/Berlin").zone().name(), "Europe/Berlin");
  EXPECT_EQ(rule("30  2 * * *").text(), "30 2 * * *");
}

TEST(schedule_rule, EqualRulesAreEqual) {
  EXPECT_EQ(rule("0 4 * * *", "UTC"), rule("0  4 * * *"));
  EXPECT_FALSE(rule("0 4 * * *") == rule("0 4 * * *", "Europe/Berlin"));
  EXPECT_FALSE(rule("0 4 * * *") == rule("every 4 h"));
}

TEST(schedule_rule, ErrorsComeFromThePartThatIsWrong) {
  EXPECT_THAT(schedule_rule::parse("every 0 m").error().message, HasSubstr("every 0 m"));
  EXPECT_THAT(schedule_rule::parse("every").error().message, HasSubstr("interval"));
  EXPECT_THAT(schedule_rule::parse("61 * * * *").error().message, HasSubstr("minute"));
  EXPECT_THAT(schedule_rule::parse("* * * * *", "Mars/Olympus").error().message, HasSubstr("Mars/Olympus"));
}

TEST(schedule_rule, ListsOccurrencesUpToALimitOrAnEnd) {
  const auto daily = rule("0 4 * * *");
  EXPECT_THAT(daily.occurrences(at("2026-03-08T04:00:00Z"), timestamp::max(), 2),
              ElementsAre(at("2026-03-09T04:00:00Z"), at("2026-03-10T04:00:00Z")));
  EXPECT_THAT(daily.occurrences(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"), 1000), SizeIs(365));
  EXPECT_THAT(rule("0 0 30 2 *").occurrences(at("2026-01-01T00:00:00Z"), timestamp::max(), 5), SizeIs(0));
}

TEST(schedule_rule, PeriodIsTheTimeToTheFollowingFiring) {
  EXPECT_EQ(rule("0 4 * * mon-fri").period_after(at("2026-03-06T04:00:00Z")), 72h);
  EXPECT_EQ(rule("every 5 m").period_after(at("2026-03-06T04:00:00Z")), 5min);
  EXPECT_EQ(rule("0 0 30 2 *").period_after(at("2026-03-06T04:00:00Z")), std::nullopt);
}

TEST(schedule_rule, LastInAgreesWithCountingThrough) {
  seeded_random random{6};
  const auto start = at("2026-03-01T00:00:00Z");
  for (const auto& r : {rule("*/7 * * * *"), rule("30 1 * * *", "America/New_York"), rule("* 3 * * *"),
                        rule("every 11 m"), rule("0 0 1 * *"), rule("*/20 1-3 * * *", "Europe/Berlin")})
    for (int i = 0; i < 200; ++i) {
      const auto after = start + seconds{uniform(random, 40 * 86'400)};
      const auto until = after + seconds{uniform(random, 5 * 86'400)};
      std::optional<timestamp> expected;
      for (const auto firing : r.occurrences(after, until, 100'000))
        expected = firing;
      ASSERT_EQ(r.last_in(after, until), expected)
        << r.describe() << " in " << format_rfc3339(after) << " to " << format_rfc3339(until);
    }
}

TEST(schedule_rule, LastInIncludesItsEndButNotItsStart) {
  const auto hourly = rule("@hourly");
  const auto four = at("2026-03-08T04:00:00Z");
  EXPECT_EQ(hourly.last_in(four, four), std::nullopt);
  EXPECT_EQ(hourly.last_in(four - 1us, four), four);
  EXPECT_EQ(hourly.last_in(four, four + 59min), std::nullopt);
  EXPECT_EQ(hourly.last_in(four + 1h, four), std::nullopt);
  EXPECT_EQ(hourly.last_in(timestamp::min(), four), four);
}

TEST(schedule_rule, WeekdaysLeaveTheOtherDaysOut) {
  constexpr weekday_set monday_and_friday = 1 << 1 | 1 << 5;
  const auto daily = schedule_rule::parse("30 2 * * *", "America/New_York", monday_and_friday).value();
  // 2026-03-06 is a Friday; summer time begins on the 8th.
  EXPECT_THAT(daily.occurrences(at("2026-03-06T00:00:00Z"), timestamp::max(), 3),
              ElementsAre(at("2026-03-06T07:30:00Z"), at("2026-03-09T06:30:00Z"), at("2026-03-13T06:30:00Z")));
  EXPECT_EQ(daily.last_in(at("2026-03-06T00:00:00Z"), at("2026-03-09T00:00:00Z")), at("2026-03-06T07:30:00Z"));
}

TEST(schedule_rule, WeekdaysOfAnIntervalAreThoseOfItsZone) {
  constexpr weekday_set sunday = 1;
  const auto often = schedule_rule::parse("every 1 s", "Pacific/Auckland", sunday).value();
  // Sunday 2026-03-08 in Auckland begins at 11:00 UTC of the Saturday.
  EXPECT_EQ(often.next(at("2026-03-04T00:00:00Z")), at("2026-03-07T11:00:00Z"));
  EXPECT_EQ(often.next(at("2026-03-08T10:59:58Z")), at("2026-03-08T10:59:59Z"));
  EXPECT_EQ(often.next(at("2026-03-08T10:59:59Z")), at("2026-03-14T11:00:00Z"));
  // 2026-04-05 is the day on which summer time ends there: it has 25 hours.
  EXPECT_THAT(often.occurrences(at("2026-04-04T00:00:00Z"), at("2026-04-10T00:00:00Z"), 100'000), SizeIs(25 * 3600));
}

TEST(schedule_rule, WeekdaysThatNeverComeAreSaid) {
  constexpr weekday_set tuesday = 1 << 2;
  const auto never = schedule_rule::parse("0 4 * * mon", "Europe/Berlin", tuesday).value();
  EXPECT_EQ(never.next(at("2026-03-06T00:00:00Z")), std::nullopt);
  EXPECT_FALSE(schedule_rule::parse("0 4 * * mon", "", 0));
}

} // namespace
} // namespace penstock
