#include "core/rate_text.hpp"

#include <gtest/gtest.h>

namespace penstock {

using namespace std::chrono_literals;

TEST(rate_text, NumberAndIntervalAreRead) {
  EXPECT_EQ(parse_rate("10/s"), (token_rate{2, 10, 1s}));
  EXPECT_EQ(parse_rate("600/m"), (token_rate{2, 600, 60s}));
  EXPECT_EQ(parse_rate("5/h"), (token_rate{1, 5, 1h}));
  EXPECT_EQ(parse_rate("100/30s"), (token_rate{2, 100, 30s}));
  EXPECT_EQ(parse_rate("1000/s"), (token_rate{100, 1000, 1s}));
}

TEST(rate_text, AnythingElseIsRefused) {
  for (const auto* text : {"", "10", "/s", "10/", "0/s", "-1/s", "ten/s", "10/x", "10 / s", "9999999/s", "1/0s"})
    EXPECT_FALSE(parse_rate(text)) << text;
}

TEST(rate_text, IsWrittenAsItIsRead) {
  for (const auto* text : {"10/s", "600/m", "100/30s", "5/h"})
    EXPECT_EQ(format_rate(*parse_rate(text)), text);
}

} // namespace penstock
