#include <gmock/gmock.h>

#include "core/rfc3339.hpp"
#include "node/exit_status.hpp"
#include "tests/node/command_run.hpp"

namespace penstock::node {
namespace {

using testing::HasSubstr;

class schedule_next : public command_run {};

TEST_F(schedule_next, TimeInTheSpringGapMovesBehindItOnce) {
  const auto told = run(
    {"schedule", "next", "30 2 * * *", "--tz", "America/New_York", "--from", "2026-03-07T12:00:00Z", "--count", "3"});
  EXPECT_EQ(told.status, exit_status::done);
  EXPECT_EQ(told.out, "2026-03-08T03:00:00-04:00\n2026-03-09T02:30:00-04:00\n2026-03-10T02:30:00-04:00\n");
  EXPECT_EQ(told.err, "");
}

TEST_F(schedule_next, FixedTimeInTheRepeatedHourFiresOnce) {
  const auto told = run(
    {"schedule", "next", "30 1 * * *", "--tz", "America/New_York", "--from", "2026-11-01T04:00:00Z", "--count", "2"});
  EXPECT_EQ(told.out, "2026-11-01T01:30:00-04:00\n2026-11-02T01:30:00-05:00\n");
}

TEST_F(schedule_next, StepInTheRepeatedHourFiresInBothPassings) {
  const auto told = run(
    {"schedule", "next", "*/30 1 * * *", "--tz", "America/New_York", "--from", "2026-11-01T04:00:00Z", "--count", "5"});
  EXPECT_EQ(told.out, "2026-11-01T01:00:00-04:00\n2026-11-01T01:30:00-04:00\n2026-11-01T01:00:00-05:00\n"
                      "2026-11-01T01:30:00-05:00\n2026-11-02T01:00:00-05:00\n");
}

TEST_F(schedule_next, WithoutOptionsFiveTimesInUtcFromNow) {
  clock.set(parse_rfc3339("2026-01-01T00:00:30Z").value());
  const auto told = run({"schedule", "next", "every 5 m"});
  EXPECT_EQ(std::count(told.out.begin(), told.out.end(), '\n'), 5);
  EXPECT_THAT(told.out, testing::StartsWith("2026-01-01T00:05:00"));
}

TEST_F(schedule_next, JsonIsThatOfThePreviewRoute) {
  const auto told = run({"schedule", "next", "0 12 * * *", "--tz", "Europe/Berlin", "--from", "2026-07-01T00:00:00Z",
                         "--count", "1", "--json"});
  EXPECT_EQ(told.out, R"({"rule":"0 12 * * *","time_zone":"Europe/Berlin","items":[{"at":"2026-07-01T10:00:00Z",)"
                      R"("local":"2026-07-01T12:00:00+02:00"}],"next_cursor":null})"
                      "\n");
}

TEST_F(schedule_next, MistakesAreWrongUsage) {
  const auto bad_field = run({"schedule", "next", "61 * * * *"});
  EXPECT_EQ(bad_field.status, exit_status::wrong_usage);
  EXPECT_THAT(bad_field.err, HasSubstr("minute"));
  const auto bad_zone = run({"schedule", "next", "0 0 * * *", "--tz", "Europe/Berlim"});
  EXPECT_EQ(bad_zone.status, exit_status::wrong_usage);
  EXPECT_THAT(bad_zone.err, HasSubstr("Europe/Berlin"));
  const auto bad_from = run({"schedule", "next", "0 0 * * *", "--from", "noon"});
  EXPECT_EQ(bad_from.status, exit_status::wrong_usage);
  EXPECT_THAT(bad_from.err, HasSubstr("--from: "));
}

TEST_F(schedule_next, RuleThatNeverFiresFails) {
  const auto told = run({"schedule", "next", "0 0 30 2 *", "--from", "2026-01-01T00:00:00Z"});
  EXPECT_EQ(told.status, exit_status::failed);
  EXPECT_THAT(told.err, HasSubstr("never fires"));
}

} // namespace
} // namespace penstock::node
