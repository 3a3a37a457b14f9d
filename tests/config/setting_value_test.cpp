#include "config/setting_value.hpp"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::config {
namespace {

TEST(setting_value, DefaultOfEachTypeIsEmptyUnlessDeclared) {
  EXPECT_EQ(default_value({.key = "k"}), section::value(std::string{}));
  EXPECT_EQ(default_value({.key = "k", .type = setting_type::integer, .least = 1, .most = 2}),
            section::value(std::int64_t{0}));
  EXPECT_EQ(default_value({.key = "k", .type = setting_type::duration}), section::value(duration{0}));
  EXPECT_EQ(default_value({.key = "k", .type = setting_type::boolean, .default_text = "true"}), section::value(true));
  EXPECT_EQ(default_value({.key = "k", .type = setting_type::size, .default_text = "1KB"}),
            section::value(std::int64_t{1024}));
}

TEST(setting_value, DefaultThatItsOwnSettingRefusesIsABug) {
  EXPECT_THROW((void)default_value({.key = "k", .type = setting_type::integer, .default_text = "many"}),
               std::logic_error);
  EXPECT_THROW((void)default_value({.key = "k", .default_text = "c", .choices = {"a", "b"}}), std::logic_error);
}

TEST(setting_value, DurationBoundsAreExactBelowAMillisecond) {
  const setting wait{.key = "k", .type = setting_type::duration, .least = 0, .most = 1'000};
  EXPECT_TRUE(value_from_text(wait, "1s"));
  EXPECT_FALSE(value_from_text(wait, "1s1us"));
  EXPECT_TRUE(value_from_text(wait, "0s"));
}

TEST(setting_value, NumbersAndBooleansInTextAreTakenWhole) {
  const setting number{.key = "k", .type = setting_type::integer};
  for (const char* bad : {"", "5x", " 5", "5.0", "0x5", "+5", "9223372036854775808"})
    EXPECT_FALSE(value_from_text(number, bad)) << bad;
  EXPECT_EQ(value_from_text(number, "-5").value(), section::value(std::int64_t{-5}));
  const setting flag{.key = "k", .type = setting_type::boolean};
  for (const char* bad : {"", "yes", "True", "2"})
    EXPECT_FALSE(value_from_text(flag, bad)) << bad;
}

} // namespace
} // namespace penstock::config
