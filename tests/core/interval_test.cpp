#include "core/interval.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"
#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

TEST(interval, ReadsEachUnitAndWritesItBack) {
  const struct {
    const char* text;
    duration length;
    const char* written;
  } rows[] = {
    {"every 30 s", 30s, "every 30 s"}, {"every 5m", 5min, "every 5 m"},        {"every 1 h", 1h, "every 1 h"},
    {"every  2  m", 2min, "every 2 m"}, {"every 8784 h", 8784h, "every 8784 h"}, {"every 90 m", 90min, "every 90 m"},
  };
  for (const auto& row : rows) {
    const auto parsed = interval::parse(row.text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->length(), row.length);
    EXPECT_EQ(parsed->text(), row.written);
    EXPECT_EQ(interval::parse(parsed->text()).value(), *parsed);
  }
}

TEST(interval, RefusesTheRest) {
  for (const char* text : {"", "every", "every ", "every s", "every 0 s", "every -5 s", "every 5", "every 5 d",
                           "every 5 minutes", "every 1.5 h", "5 m", "Every 5 m", "every 5 m ", "every 8785 h",
                           "every 99999999999999999999 s", "every 9223372036854775807 h"}) {
    const auto parsed = interval::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, error_code::invalid_argument);
    EXPECT_NE(parsed.error().message.find("every 5 m"), std::string::npos);
  }
}

TEST(interval, IsAlignedToTheEpoch) {
  const struct {
    const char* text;
    const char* after;
    const char* next;
  } rows[] = {
    {"every 30 s", "2026-03-08T03:00:00Z", "2026-03-08T03:00:30Z"},
    {"every 30 s", "2026-03-08T03:00:29.999999Z", "2026-03-08T03:00:30Z"},
    {"every 5 m", "2026-03-08T03:02:11Z", "2026-03-08T03:05:00Z"},
    {"every 6 h", "2026-03-08T03:02:11Z", "2026-03-08T06:00:00Z"},
    {"every 24 h", "2026-03-08T03:02:11Z", "2026-03-09T00:00:00Z"},
    // Seven minutes do not divide an hour: the multiples go on across it.
    {"every 7 m", "1970-01-01T00:00:00Z", "1970-01-01T00:07:00Z"},
    {"every 7 m", "1970-01-01T00:59:00Z", "1970-01-01T01:03:00Z"},
    {"every 1 h", "1969-12-31T22:30:00Z", "1969-12-31T23:00:00Z"},
    {"every 1 h", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(format_rfc3339(interval::parse(row.text)->next(parse_rfc3339(row.after).value()).value()), row.next)
      << row.text << " after " << row.after;
}

TEST(interval, NextIsTheNearestMultiple) {
  seeded_random random{4};
  for (int i = 0; i < 2000; ++i) {
    const auto every = interval::parse("every " + std::to_string(1 + uniform(random, 5000)) + " s").value();
    const timestamp after{duration{static_cast<std::int64_t>(uniform(random, 1u << 31)) * 1'000'003 - (1LL << 50)}};
    const auto next = every.next(after).value();
    ASSERT_GT(next, after);
    ASSERT_LE(next - after, every.length());
    ASSERT_EQ(next.time_since_epoch() % every.length(), 0s);
  }
}

TEST(interval, EndsWithRepresentableTime) {
  EXPECT_EQ(interval::parse("every 1 h")->next(timestamp::max()), std::nullopt);
}

} // namespace
} // namespace penstock
