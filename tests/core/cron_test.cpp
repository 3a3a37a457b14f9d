#include "core/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

cron_expression parsed(std::string_view text) {
  auto expression = cron_expression::parse(text);
  EXPECT_TRUE(expression) << expression.error().message;
  return expression ? *expression : cron_expression::parse("* * * * *").value();
}

/// The next `count` firings in UTC, as text.
std::vector<std::string> firings(std::string_view expression, std::string_view after, std::size_t count) {
  const auto cron = parsed(expression);
  std::vector<std::string> found;
  auto moment = parse_rfc3339(after).value();
  while (found.size() < count) {
    const auto next = cron.next(moment, time_zone{});
    if (!next) {
      found.emplace_back("never");
      break;
    }
    found.push_back(format_rfc3339(*next));
    moment = *next;
  }
  return found;
}

struct row {
  const char* expression;
  const char* after;
  std::vector<std::string> expected;
};

void check(const std::vector<row>& rows) {
  for (const auto& r : rows)
    EXPECT_THAT(firings(r.expression, r.after, r.expected.size()), ElementsAreArray(r.expected)) << r.expression;
}

TEST(cron, FieldsMatchAsWritten) {
  check({
    {"* * * * *", "2026-03-08T03:00:00Z", {"2026-03-08T03:01:00Z", "2026-03-08T03:02:00Z"}},
    {"*/15 * * * *", "2026-03-08T03:50:00Z", {"2026-03-08T04:00:00Z", "2026-03-08T04:15:00Z"}},
    {"5/20 * * * *", "2026-03-08T03:00:00Z", {"2026-03-08T03:05:00Z", "2026-03-08T03:25:00Z", "2026-03-08T03:45:00Z",
                                              "2026-03-08T04:05:00Z"}},
    {"10-30/10 9 * * *", "2026-03-08T09:10:00Z", {"2026-03-08T09:20:00Z", "2026-03-08T09:30:00Z",
                                                  "2026-03-09T09:10:00Z"}},
    {"0 22,6,14 * * *", "2026-03-08T14:00:00Z", {"2026-03-08T22:00:00Z", "2026-03-09T06:00:00Z"}},
    {"59 23 31 12 *", "2026-03-08T00:00:00Z", {"2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z"}},
    {"0 0 31 * *", "2026-01-31T00:00:00Z", {"2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z"}},
    {"0 0 1 jan,JUL *", "2026-01-01T00:00:00Z", {"2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"}},
    {"0 0 * feb-apr/2 1", "2026-02-20T00:00:00Z", {"2026-02-23T00:00:00Z", "2026-04-06T00:00:00Z"}},
    {"  0   4\t* * *  ", "2026-03-08T04:00:00Z", {"2026-03-09T04:00:00Z"}},
  });
}

TEST(cron, WeekdaysTakeNamesAndBothSundays) {
  // 2026-03-08 is a Sunday.
  check({
    {"0 12 * * 0", "2026-03-08T12:00:00Z", {"2026-03-15T12:00:00Z"}},
    {"0 12 * * 7", "2026-03-08T12:00:00Z", {"2026-03-15T12:00:00Z"}},
    {"0 12 * * sun", "2026-03-08T12:00:00Z", {"2026-03-15T12:00:00Z"}},
    {"0 12 * * Mon-Fri", "2026-03-06T12:00:00Z", {"2026-03-09T12:00:00Z"}},
    {"0 12 * * fri-sun", "2026-03-08T12:00:00Z", {"2026-03-13T12:00:00Z", "2026-03-14T12:00:00Z",
                                                  "2026-03-15T12:00:00Z", "2026-03-20T12:00:00Z"}},
    {"0 12 * * 5-7", "2026-03-08T12:00:00Z", {"2026-03-13T12:00:00Z", "2026-03-14T12:00:00Z", "2026-03-15T12:00:00Z"}},
    {"0 12 * * sun-tue", "2026-03-08T12:00:00Z", {"2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z",
                                                  "2026-03-15T12:00:00Z"}},
    {"0 12 * * */3", "2026-03-08T12:00:00Z", {"2026-03-11T12:00:00Z", "2026-03-14T12:00:00Z", "2026-03-15T12:00:00Z"}},
  });
}

TEST(cron, DayOfMonthAndWeekdayBothRestrictedMeanEither) {
  check({
    {"0 0 13 * fri", "2026-03-08T00:00:00Z", {"2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z", "2026-03-27T00:00:00Z",
                                              "2026-04-03T00:00:00Z", "2026-04-10T00:00:00Z", "2026-04-13T00:00:00Z"}},
    // A field that begins with a star counts as unrestricted: both must match.
    {"0 0 */2 * mon", "2026-03-08T00:00:00Z", {"2026-03-09T00:00:00Z", "2026-03-23T00:00:00Z", "2026-04-13T00:00:00Z"}},
    {"0 0 13 * */5", "2026-03-01T00:00:00Z", {"2026-03-13T00:00:00Z", "2026-09-13T00:00:00Z"}},
  });
}

TEST(cron, MacrosStandForTheirExpressions) {
  const char* after = "2026-03-08T12:30:00Z";
  check({
    {"@hourly", after, {"2026-03-08T13:00:00Z", "2026-03-08T14:00:00Z"}},
    {"@daily", after, {"2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z"}},
    {"@midnight", after, {"2026-03-09T00:00:00Z"}},
    {"@weekly", after, {"2026-03-15T00:00:00Z", "2026-03-22T00:00:00Z"}},
    {"@monthly", after, {"2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z"}},
    {"@yearly", after, {"2027-01-01T00:00:00Z"}},
    {"@annually", after, {"2027-01-01T00:00:00Z"}},
  });
}

TEST(cron, SixFieldsBeginWithTheSecond) {
  check({
    {"*/20 * * * * *", "2026-03-08T03:00:10Z", {"2026-03-08T03:00:20Z", "2026-03-08T03:00:40Z", "2026-03-08T03:01:00Z"}},
    {"59 59 23 31 12 *", "2026-03-08T00:00:00Z", {"2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z"}},
    {"55-5/5 0 12 * * *", "2026-03-08T12:00:05Z", {"2026-03-08T12:00:55Z", "2026-03-09T12:00:00Z"}},
    {"@every_second", "2026-03-08T03:00:00.5Z", {"2026-03-08T03:00:01Z", "2026-03-08T03:00:02Z"}},
    {"@every_minute", "2026-03-08T03:00:00Z", {"2026-03-08T03:01:00Z"}},
  });
}

TEST(cron, RangesGoAround) {
  check({
    {"0 23-1 * * *", "2026-03-08T12:00:00Z", {"2026-03-08T23:00:00Z", "2026-03-09T00:00:00Z", "2026-03-09T01:00:00Z",
                                              "2026-03-09T23:00:00Z"}},
    {"0 22-3/2 * * *", "2026-03-08T12:00:00Z", {"2026-03-08T22:00:00Z", "2026-03-09T00:00:00Z", "2026-03-09T02:00:00Z",
                                                "2026-03-09T22:00:00Z"}},
    {"55-5 12 * * *", "2026-03-08T12:04:00Z", {"2026-03-08T12:05:00Z", "2026-03-08T12:55:00Z"}},
    {"0 0 30-2 * *", "2026-03-08T00:00:00Z", {"2026-03-30T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z",
                                              "2026-04-02T00:00:00Z", "2026-04-30T00:00:00Z"}},
    {"0 0 1 nov-FEB *", "2026-03-08T00:00:00Z", {"2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z",
                                                 "2027-02-01T00:00:00Z", "2027-11-01T00:00:00Z"}},
    // 2026-03-06 is a Friday.
    {"0 12 * * fri-mon", "2026-03-05T12:00:00Z", {"2026-03-06T12:00:00Z", "2026-03-07T12:00:00Z",
                                                  "2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z",
                                                  "2026-03-13T12:00:00Z"}},
    {"0 12 * * fri-tue/2", "2026-03-05T12:00:00Z", {"2026-03-06T12:00:00Z", "2026-03-08T12:00:00Z",
                                                    "2026-03-10T12:00:00Z", "2026-03-13T12:00:00Z"}},
    {"0 12 * * 7-1", "2026-03-05T12:00:00Z", {"2026-03-08T12:00:00Z", "2026-03-09T12:00:00Z", "2026-03-15T12:00:00Z"}},
  });
}

TEST(cron, LastDaysOfTheMonth) {
  check({
    {"0 0 L * *", "2026-01-31T00:00:00Z", {"2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"}},
    {"0 0 l 2 ?", "2026-03-31T00:00:00Z", {"2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"}},
    {"0 0 L-3 * *", "2026-02-01T00:00:00Z", {"2026-02-25T00:00:00Z", "2026-03-28T00:00:00Z"}},
    {"0 0 L-30 * *", "2026-02-01T00:00:00Z", {"2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z"}},
    {"0 0 1,L * *", "2026-02-01T00:00:00Z", {"2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-31T00:00:00Z"}},
    {"0 9 * * friL", "2026-02-01T00:00:00Z", {"2026-02-27T09:00:00Z", "2026-03-27T09:00:00Z", "2026-04-24T09:00:00Z"}},
    {"0 9 ? * 5L", "2026-02-01T00:00:00Z", {"2026-02-27T09:00:00Z", "2026-03-27T09:00:00Z"}},
    {"0 9 * * 0L,7L", "2026-02-01T12:00:00Z", {"2026-02-22T09:00:00Z", "2026-03-29T09:00:00Z"}},
  });
}

TEST(cron, NearestWorkingDayStaysInItsMonth) {
  check({
    // The 15th is a Sunday in February and March of 2026, a Wednesday in April, a Saturday in August.
    {"0 9 15W * *", "2026-02-01T00:00:00Z", {"2026-02-16T09:00:00Z", "2026-03-16T09:00:00Z", "2026-04-15T09:00:00Z"}},
    {"0 9 15W 8 *", "2026-02-01T00:00:00Z", {"2026-08-14T09:00:00Z"}},
    // The 1st is a Saturday in August: not back into July.
    {"0 9 1w 8 *", "2026-02-01T00:00:00Z", {"2026-08-03T09:00:00Z"}},
    // The 31st of May 2026 is a Sunday: not on into June; a month without it has none.
    {"0 9 31W * *", "2026-05-01T00:00:00Z", {"2026-05-29T09:00:00Z", "2026-07-31T09:00:00Z"}},
    {"0 9 LW * *", "2026-02-01T00:00:00Z", {"2026-02-27T09:00:00Z", "2026-03-31T09:00:00Z", "2026-04-30T09:00:00Z",
                                            "2026-05-29T09:00:00Z"}},
    {"0 9 L-1W * *", "2026-05-01T00:00:00Z", {"2026-05-29T09:00:00Z", "2026-06-29T09:00:00Z"}},
  });
}

TEST(cron, NthWeekdayOfTheMonth) {
  check({
    {"0 9 * * 5#3", "2026-02-01T00:00:00Z", {"2026-02-20T09:00:00Z", "2026-03-20T09:00:00Z", "2026-04-17T09:00:00Z"}},
    {"0 9 ? * MON#2", "2026-02-01T00:00:00Z", {"2026-02-09T09:00:00Z", "2026-03-09T09:00:00Z"}},
    {"0 9 * * mon#5", "2026-02-01T00:00:00Z", {"2026-03-30T09:00:00Z", "2026-06-29T09:00:00Z"}},
    {"0 9 * * 0#1,7#2", "2026-02-01T12:00:00Z", {"2026-02-08T09:00:00Z", "2026-03-01T09:00:00Z"}},
    {"0 9 * * wed,fri#1", "2026-03-04T09:00:00Z", {"2026-03-06T09:00:00Z", "2026-03-11T09:00:00Z"}},
    // Both days restricted mean either.
    {"0 9 L * mon#1", "2026-02-01T00:00:00Z", {"2026-02-02T09:00:00Z", "2026-02-28T09:00:00Z", "2026-03-02T09:00:00Z"}},
    {"0 9 1W * ?", "2026-02-02T10:00:00Z", {"2026-03-02T09:00:00Z"}},
  });
}

TEST(cron, NextIsStrictlyAfter) {
  check({
    {"0 4 * * *", "2026-03-08T03:59:59.999999Z", {"2026-03-08T04:00:00Z"}},
    {"0 4 * * *", "2026-03-08T04:00:00Z", {"2026-03-09T04:00:00Z"}},
    {"0 4 * * *", "2026-03-08T04:00:00.000001Z", {"2026-03-09T04:00:00Z"}},
  });
}

TEST(cron, LeapDayIsFoundAcrossTheYear2100) {
  check({
    {"0 0 29 2 *", "2026-01-01T00:00:00Z", {"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
    {"0 0 29 2 *", "2096-02-29T00:00:00Z", {"2104-02-29T00:00:00Z"}},
    // The rarest day there is: a Sunday that is a leap day, forty years apart around 2100.
    {"0 0 29 2 */7", "2088-02-29T00:00:00Z", {"2128-02-29T00:00:00Z"}},
  });
}

TEST(cron, NeverIsSaid) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 31 feb *"})
    EXPECT_THAT(firings(text, "2026-01-01T00:00:00Z", 1), ElementsAreArray({"never"})) << text;
  EXPECT_EQ(parsed("* * * * *").next(timestamp::max(), time_zone{}), std::nullopt);
}

TEST(cron, VeryOldMomentsWork) {
  EXPECT_TRUE(parsed("0 0 1 1 *").next(timestamp::min(), time_zone{}));
  check({{"0 0 1 1 *", "1599-06-01T00:00:00Z", {"1600-01-01T00:00:00Z"}}});
}

TEST(cron, KnowsIntervalExpressions) {
  for (const char* text : {"* 1 * * *", "0 * * * *", "*/30 1 * * *", "0-5 1 * * *", "0 1-2 * * *", "0 1/6 * * *",
                           "@hourly", "0,10-20 1 * * *", "* 0 1 * * *", "*/30 0 1 * * *", "0 30 23-1 * * *"})
    EXPECT_TRUE(parsed(text).is_interval()) << text;
  for (const char* text : {"30 1 * * *", "0,30 1,2 * * *", "0 0 */2 1-3 mon-fri", "@daily", "7,30 0 1 * * *",
                           "0 0 L-3 * ?", "0 0 ? * fri#1,friL"})
    EXPECT_FALSE(parsed(text).is_interval()) << text;
}

TEST(cron, TextIsNormalised) {
  EXPECT_EQ(parsed("  0 \t 4 * *   mon ").text(), "0 4 * * mon");
  EXPECT_EQ(parsed("@daily").text(), "@daily");
  EXPECT_EQ(parsed("0  4 * * *"), parsed("0 4 * * *"));
}

TEST(cron, ErrorsNameTheFieldAndWhatItAllows) {
  const struct {
    const char* text;
    std::vector<const char*> parts;
  } rows[] = {
    {"61 * * * *", {"minute", "61", "0-59"}},
    {"* 24 * * *", {"hour", "24", "0-23"}},
    {"* * 0 * *", {"day of month", "0 is out of range", "1-31"}},
    {"* * 32 * *", {"day of month", "32", "1-31"}},
    {"* * * 13 *", {"month", "13", "1-12", "jan-dec"}},
    {"* * * * 8", {"day of week", "8", "0-7", "sun-sat"}},
    {"* * * * monday", {"day of week", "monday"}},
    {"* * * foo *", {"month", "foo"}},
    {"*/0 * * * *", {"minute", "step", "'0'"}},
    {"*/60 * * * *", {"minute", "step", "'60'"}},
    {"* */x * * *", {"hour", "step", "'x'"}},
    {"1- * * * *", {"minute", "missing"}},
    {"-1 * * * *", {"minute", "missing"}},
    {"1,,2 * * * *", {"minute", "missing"}},
    {"1-2-3 * * * *", {"minute", "'2-3'"}},
    {"1/2/3 * * * *", {"minute", "step"}},
    {"*5 * * * *", {"minute", "'*5'"}},
    {"99999999999 * * * *", {"minute", "99999999999"}},
    {"L * * * *", {"minute", "'L'", "0-59, with * , - /)"}},
    {"? * * * *", {"minute", "'?'"}},
    {"* * L-31 * *", {"day of month", "L-0 to L-30"}},
    {"* * 32W * *", {"day of month", "1W to 31W"}},
    {"* * 1-5W * *", {"day of month", "'1-5W'", "one day"}},
    {"* * W * *", {"day of month", "'W'"}},
    {"* * * * L", {"day of week", "friL or 5L"}},
    {"* * * * 5#6", {"day of week", "'5#6'", "1 to 5"}},
    {"* * * * 5#", {"day of week", "1 to 5"}},
    {"* * * * #1", {"day of week", "missing"}},
    {"* * * * fri#1#2", {"day of week", "1 to 5"}},
    {"* * * * 1-5L", {"day of week", "'1-5'"}},
    {"60 * * * * *", {"second", "60", "0-59"}},
    {"* * * * * * *", {"7 fields", "six"}},
    {"", {"0 fields", "five"}},
    {"* * * *", {"4 fields"}},
    {"@dayly", {"unknown name", "@daily"}},
    {"@reboot", {"unknown name"}},
  };
  for (const auto& r : rows) {
    const auto expression = cron_expression::parse(r.text);
    ASSERT_FALSE(expression) << r.text;
    EXPECT_EQ(expression.error().code, error_code::invalid_argument);
    for (const char* part : r.parts)
      EXPECT_THAT(expression.error().message, HasSubstr(part)) << r.text;
    EXPECT_LT(expression.error().message.size(), 250u) << expression.error().message;
  }
  EXPECT_FALSE(cron_expression::parse(std::string(100'000, '*')));
}

} // namespace
} // namespace penstock
