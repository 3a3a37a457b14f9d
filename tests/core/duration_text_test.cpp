#include "core/duration_text.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace penstock {
namespace {

using namespace std::chrono_literals;

TEST(duration_text, ReadsEachUnit) {
  const struct {
    const char* text;
    duration expected;
  } rows[] = {
    {"30s", 30s},     {"5m", 5min},     {"7d", 168h},          {"250ms", 250ms},        {"1h30m", 90min},
    {"0s", 0s},       {"12us", 12us},   {"2w", 336h},          {"1d12h", 36h},          {"1m500ms", 60500ms},
    {"90m", 90min},   {"007s", 7s},     {"1w1d1h1m1s1ms1us", 168h + 24h + 1h + 1min + 1s + 1ms + 1us},
    {"36500d", duration{36'500LL * 86'400'000'000}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_duration(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << parsed.error().message;
    EXPECT_EQ(*parsed, row.expected) << row.text;
  }
}

TEST(duration_text, RefusesWithTheTextAndAnExample) {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5h", "30m1h", "1h1h", "5x", "5S", "5sm",
                           "36501d", "99999999999999999999s", "36500d1us", "5h-1m", "1e3s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, error_code::invalid_argument);
    EXPECT_NE(parsed.error().message.find("1h30m"), std::string::npos) << parsed.error().message;
  }
}

TEST(duration_text, WritesTheShortestForm) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(168h), "7d");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(-90min), "-1h30m");
  EXPECT_EQ(format_duration(duration::min()).front(), '-');
}

TEST(duration_text, RoundTrips) {
  seeded_random random{3};
  for (int i = 0; i < 2000; ++i) {
    const duration length{static_cast<std::int64_t>(uniform(random, std::uint64_t{1} << (1 + i % 50)))};
    const auto parsed = parse_duration(format_duration(length));
    ASSERT_TRUE(parsed) << format_duration(length);
    ASSERT_EQ(*parsed, length);
  }
}

} // namespace
} // namespace penstock
