#include "core/id_text.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(id_text, RoundTrips) {
  for (const std::int64_t value : {std::int64_t{1}, std::int64_t{820}, INT64_MAX}) {
    const job_id id{value};
    const auto parsed = parse_id<job_id>(to_string(id));
    ASSERT_TRUE(parsed) << value;
    EXPECT_EQ(*parsed, id);
  }
}

TEST(id_text, RefusesWhatIsNotAPositiveDecimal) {
  for (const char* text : {"", "0", "-1", "+1", " 1", "1 ", "1.0", "0x10", "01", "9223372036854775808", "abc",
                           "99999999999999999999999999999999999999999999999999999999"}) {
    const auto parsed = parse_id<run_id>(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, error_code::invalid_argument);
    EXPECT_LT(parsed.error().message.size(), 120u);
  }
}

} // namespace
} // namespace penstock
