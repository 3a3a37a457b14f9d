#include "core/rfc3339.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

constexpr timestamp march = sys_days{2026y / 3 / 8} + 3h;

TEST(rfc3339, FormatsUtcWithATrimmedFraction) {
  EXPECT_EQ(format_rfc3339(march), "2026-03-08T03:00:00Z");
  EXPECT_EQ(format_rfc3339(march + 250ms), "2026-03-08T03:00:00.250Z");
  EXPECT_EQ(format_rfc3339(march + 1us), "2026-03-08T03:00:00.000001Z");
  EXPECT_EQ(format_rfc3339(timestamp{-1us}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_rfc3339(sys_days{1y / 1 / 1}), "0001-01-01T00:00:00Z");
}

TEST(rfc3339, FormatsWithAnOffset) {
  EXPECT_EQ(format_rfc3339(sys_days{2026y / 3 / 8} + 7h, -4h), "2026-03-08T03:00:00-04:00");
  EXPECT_EQ(format_rfc3339(march, 5h + 45min), "2026-03-08T08:45:00+05:45");
  EXPECT_EQ(format_rfc3339(march, -30min), "2026-03-08T02:30:00-00:30");
  EXPECT_EQ(format_rfc3339(march, 0s), "2026-03-08T03:00:00+00:00");
}

TEST(rfc3339, SecondsOfAnOldOffsetAreLeftOutOfBoth) {
  const auto text = format_rfc3339(march, seconds{-17762}); // New York before 1883: -04:56:02
  EXPECT_EQ(text, "2026-03-07T22:04:00-04:56");
  EXPECT_EQ(parse_rfc3339(text).value(), march);
}

TEST(rfc3339, ParsesWhatTheStandardAllows) {
  const struct {
    const char* text;
    timestamp expected;
  } rows[] = {
    {"2026-03-08T03:00:00Z", march},
    {"2026-03-08t03:00:00z", march},
    {"2026-03-08T05:00:00+02:00", march},
    {"2026-03-07T22:15:00-04:45", march},
    {"2026-03-08T03:00:00-00:00", march},
    {"2026-03-08T03:00:00.5Z", march + 500ms},
    {"2026-03-08T03:00:00.123456Z", march + 123456us},
    {"2026-03-08T03:00:00.1234569999999Z", march + 123456us},
    {"2026-03-08T03:00:00.000000000Z", march},
    {"2024-02-29T00:00:00Z", sys_days{2024y / 2 / 29}},
    {"0000-01-01T00:00:00Z", sys_days{0y / 1 / 1}},
    {"9999-12-31T23:59:59.999999Z", sys_days{year{10000} / 1 / 1} - 1us},
    {"2016-12-31T23:59:60Z", sys_days{2017y / 1 / 1}},
    {"2017-01-01T05:29:60+05:30", sys_days{2017y / 1 / 1}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_rfc3339(row.text);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, row.expected) << row.text;
  }
}

TEST(rfc3339, RefusesEverythingElse) {
  for (const char* text : {"", "2026-03-08", "2026-03-08T03:00:00", "2026-03-08 03:00:00Z", "2026-3-8T03:00:00Z",
                           "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
                           "2026-02-30T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T23:60:00Z", "2026-01-01T12:00:60Z", "2026-01-01T23:59:61Z",
                           "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+0200",
                           "2026-01-01T00:00:00+2:00", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60",
                           "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ",
                           "-026-01-01T00:00:00Z", "20260101T000000Z", "2026-01-01T00:00Z", "1772938800"}) {
    const auto parsed = parse_rfc3339(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, error_code::invalid_argument);
    EXPECT_NE(parsed.error().message.find("2026-03-08T03:00:00Z"), std::string::npos);
  }
  EXPECT_FALSE(parse_rfc3339("2026-01-01T00:00:00." + std::string(1000, '1') + "Z"));
}

TEST(rfc3339, RoundTripsInEveryOffset) {
  seeded_random random{8};
  for (int i = 0; i < 5000; ++i) {
    const timestamp moment{duration{static_cast<std::int64_t>(uniform(random, 4'000'000'000'000'000u))}};
    const minutes offset{static_cast<int>(uniform(random, 2 * 14 * 60)) - 14 * 60};
    ASSERT_EQ(parse_rfc3339(format_rfc3339(moment)).value(), moment);
    ASSERT_EQ(parse_rfc3339(format_rfc3339(moment, offset)).value(), moment) << format_rfc3339(moment, offset);
  }
}

} // namespace
} // namespace penstock
