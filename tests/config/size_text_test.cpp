#include "config/size_text.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace penstock::config {
namespace {

TEST(size_text, ReadsAndWritesTheSameText) {
  const std::pair<const char*, std::int64_t> table[] = {{"0B", 0},
                                                        {"1B", 1},
                                                        {"1023B", 1023},
                                                        {"1KB", 1024},
                                                        {"64KB", 65536},
                                                        {"1025B", 1025},
                                                        {"16MB", 16LL << 20},
                                                        {"1GB", 1LL << 30},
                                                        {"2TB", 2LL << 40},
                                                        {"9223372036854775807B", INT64_MAX}};
  for (const auto& [text, bytes] : table) {
    const auto read = parse_size(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, bytes) << text;
    EXPECT_EQ(format_size(bytes), text);
  }
}

TEST(size_text, UnitsMayBeSmallerThanNeeded) { EXPECT_EQ(parse_size("1024KB").value(), 1 << 20); }

TEST(size_text, RefusesWhatIsNoSize) {
  for (const char* bad : {"", "1", "B", "MB", "1.5MB", "-1B", "+1B", " 1B", "1 B", "1B ", "1mb", "1MiB", "1MBB",
                          "9223372036854775808B", "8388608TB"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

} // namespace
} // namespace penstock::config
