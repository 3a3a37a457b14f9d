#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/cron.hpp"
#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using ::testing::ElementsAreArray;

/// The next `count` firings in the zone's own time.
std::vector<std::string> firings(std::string_view expression, std::string_view zone_name, std::string_view after,
                                 std::size_t count) {
  const auto cron = cron_expression::parse(expression);
  const auto zone = time_zone::find(zone_name);
  EXPECT_TRUE(cron && zone) << expression << " " << zone_name;
  std::vector<std::string> found;
  auto moment = parse_rfc3339(after).value();
  while (found.size() < count) {
    const auto next = cron->next(moment, *zone);
    if (!next)
      break;
    found.push_back(format_rfc3339(*next, zone->offset_at(*next)));
    moment = *next;
  }
  return found;
}

struct row {
  const char* expression;
  const char* zone;
  const char* after;
  std::vector<std::string> expected;
};

void check(const std::vector<row>& rows) {
  for (const auto& r : rows)
    EXPECT_THAT(firings(r.expression, r.zone, r.after, r.expected.size()), ElementsAreArray(r.expected))
      << r.expression << " in " << r.zone;
}

TEST(cron_daylight_saving, FixedTimeInSpringGapFiresOnceAfterGap) {
  check({
    {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00", "2026-03-10T02:30:00-04:00"}},
    {"0 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
    {"15,45 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T02:15:00-04:00", "2026-03-09T02:45:00-04:00"}},
    {"0,30 2,3 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-08T03:30:00-04:00", "2026-03-09T02:00:00-04:00"}},
    {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
     {"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
    {"30 2 * * *", "Australia/Sydney", "2026-10-03T12:00:00Z",
     {"2026-10-04T03:00:00+11:00", "2026-10-05T02:30:00+11:00"}},
  });
}

TEST(cron_daylight_saving, TimesOutsideTheGapDoNotMove) {
  check({
    {"59 1 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T01:59:00-05:00", "2026-03-09T01:59:00-04:00"}},
    {"0 3 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T03:00:00-04:00"}},
  });
}

TEST(cron_daylight_saving, GapOnADayThatDoesNotMatchFiresNothing) {
  check({
    {"30 2 * * mon", "America/New_York", "2026-03-07T12:00:00Z", {"2026-03-09T02:30:00-04:00"}},
    {"30 2 9 * *", "America/New_York", "2026-03-07T12:00:00Z", {"2026-03-09T02:30:00-04:00"}},
    {"30 2 8 3 *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2027-03-08T02:30:00-05:00"}},
  });
}

TEST(cron_daylight_saving, AskingFromInsideTheFirstMomentAfterTheGapDoesNotRepeatIt) {
  check({
    {"30 2 * * *", "America/New_York", "2026-03-08T06:59:59.999999Z", {"2026-03-08T03:00:00-04:00"}},
    {"30 2 * * *", "America/New_York", "2026-03-08T07:00:00Z", {"2026-03-09T02:30:00-04:00"}},
    {"30 2 * * *", "America/New_York", "2026-03-08T07:00:00.000001Z", {"2026-03-09T02:30:00-04:00"}},
  });
}

TEST(cron_daylight_saving, IntervalExpressionGoesOnThroughTheGap) {
  check({
    {"*/30 * * * *", "America/New_York", "2026-03-08T06:00:00Z",
     {"2026-03-08T01:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T03:30:00-04:00"}},
    {"15 * * * *", "America/New_York", "2026-03-08T06:00:00Z",
     {"2026-03-08T01:15:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T03:15:00-04:00"}},
    {"*/20 2 * * *", "America/New_York", "2026-03-08T06:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00", "2026-03-09T02:20:00-04:00"}},
  });
}

TEST(cron_daylight_saving, FixedTimeInRepeatedHourFiresAtItsFirstPassingOnly) {
  check({
    {"30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
    {"0,30 1,2 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T02:00:00-05:00",
      "2026-11-01T02:30:00-05:00", "2026-11-02T01:00:00-05:00"}},
    {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
     {"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
    {"30 2 * * *", "Australia/Sydney", "2026-04-04T12:00:00Z",
     {"2026-04-05T02:30:00+11:00", "2026-04-06T02:30:00+10:00"}},
    // Asked between the passings.
    {"30 1 * * *", "America/New_York", "2026-11-01T06:00:00Z", {"2026-11-02T01:30:00-05:00"}},
    {"0 2 * * *", "America/New_York", "2026-11-01T06:00:00Z", {"2026-11-01T02:00:00-05:00"}},
  });
}

TEST(cron_daylight_saving, IntervalExpressionFiresInBothPassings) {
  check({
    {"*/30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00",
      "2026-11-01T01:30:00-05:00", "2026-11-02T01:00:00-05:00"}},
    {"30 1-2 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00-05:00"}},
    {"@hourly", "Europe/Berlin", "2026-10-25T00:00:00Z",
     {"2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
    {"@hourly", "Europe/Berlin", "2026-10-24T23:00:00Z",
     {"2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T03:00:00+01:00"}},
  });
}

TEST(cron_daylight_saving, LastHourOfADayThatComesAgainFiresAgainThoughTheNextDayIsFarOff) {
  check({
    // At midnight after Sunday 1971-09-26 it became 23:00 once more.
    {"*/30 23 * * sun", "Africa/Algiers", "1971-09-26T21:30:00Z",
     {"1971-09-26T23:00:00+01:00", "1971-09-26T23:30:00+01:00", "1971-09-26T23:00:00+00:00",
      "1971-09-26T23:30:00+00:00", "1971-10-03T23:00:00+00:00"}},
    {"*/30 1 1 11 *", "America/New_York", "2026-11-01T05:00:00Z",
     {"2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00",
      "2027-11-01T01:00:00-04:00"}},
  });
}

TEST(cron_daylight_saving, SecondsFollowTheSameRules) {
  check({
    {"30 30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z",
     {"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:30-04:00"}},
    {"*/20 59 1 * * *", "America/New_York", "2026-03-08T06:59:20Z",
     {"2026-03-08T01:59:40-05:00", "2026-03-09T01:59:00-04:00"}},
    {"15 30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:30:15-04:00", "2026-11-02T01:30:15-05:00"}},
    {"*/30 30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z",
     {"2026-11-01T01:30:00-04:00", "2026-11-01T01:30:30-04:00", "2026-11-01T01:30:00-05:00",
      "2026-11-01T01:30:30-05:00", "2026-11-02T01:30:00-05:00"}},
    {"59 59 23 L * *", "America/Havana", "2024-10-31T12:00:00Z", {"2024-10-31T23:59:59-04:00", "2024-11-30T23:59:59-05:00"}},
  });
}

TEST(cron_daylight_saving, HalfHourChangesOfLordHowe) {
  check({
    // 2026-10-04: 02:00 becomes 02:30.
    {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z",
     {"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
    {"45 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", {"2026-10-04T02:45:00+11:00"}},
    // 2026-04-05: 02:00 becomes 01:30.
    {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z",
     {"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
    {"*/15 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z",
     {"2026-04-05T01:00:00+11:00", "2026-04-05T01:15:00+11:00", "2026-04-05T01:30:00+11:00",
      "2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30", "2026-04-05T01:45:00+10:30",
      "2026-04-06T01:00:00+10:30"}},
  });
}

// Years that are past, where a government's next decision may change these zones.
TEST(cron_daylight_saving, MidnightThatDoesNotExistMovesToTheFirstMomentOfTheDay) {
  check({
    {"@daily", "America/Sao_Paulo", "2017-10-14T12:00:00Z",
     {"2017-10-15T01:00:00-02:00", "2017-10-16T00:00:00-02:00"}},
    {"0 0 * * *", "Africa/Cairo", "2024-04-25T12:00:00Z", {"2024-04-26T01:00:00+03:00", "2024-04-27T00:00:00+03:00"}},
    {"0 0 * * *", "Asia/Beirut", "2024-03-30T12:00:00Z", {"2024-03-31T01:00:00+03:00", "2024-04-01T00:00:00+03:00"}},
    {"0 0 * * *", "America/Havana", "2024-03-09T12:00:00Z", {"2024-03-10T01:00:00-04:00", "2024-03-11T00:00:00-04:00"}},
  });
}

TEST(cron_daylight_saving, MidnightThatIsPassedTwiceFiresOnce) {
  check({
    // At 00:00 of 2024-11-01 in Cairo and of 2024-10-27 in Beirut it became 23:00 of the day before.
    {"0 0 * * *", "Africa/Cairo", "2024-10-31T12:00:00Z", {"2024-11-01T00:00:00+02:00", "2024-11-02T00:00:00+02:00"}},
    {"30 23 * * *", "Asia/Beirut", "2024-10-26T12:00:00Z", {"2024-10-26T23:30:00+03:00", "2024-10-27T23:30:00+02:00"}},
    // Havana turned 01:00 back to 00:00: midnight itself came twice.
    {"0 0 * * *", "America/Havana", "2024-11-02T12:00:00Z", {"2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00"}},
  });
}

TEST(cron_daylight_saving, DayThatASkippedDateLineTookMovesToItsEnd) {
  // Samoa had no 30 December 2011.
  check({{"0 12 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z",
          {"2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T12:00:00+14:00"}}});
}

TEST(cron_daylight_saving, YearlyFiringsCrossManyTransitions) {
  check({{"0 12 29 2 *", "Europe/Berlin", "2026-01-01T00:00:00Z",
          {"2028-02-29T12:00:00+01:00", "2032-02-29T12:00:00+01:00", "2036-02-29T12:00:00+01:00"}}});
  check({{"0 12 29 2 *", "America/New_York", "2096-03-01T00:00:00Z", {"2104-02-29T12:00:00-05:00"}}});
}

} // namespace
} // namespace penstock
