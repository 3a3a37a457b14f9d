#include "core/group_path.hpp"

#include <gtest/gtest.h>

namespace penstock {

TEST(group_path, PrefixesEndBetweenSegments) {
  EXPECT_EQ(group_path::tenant("7/12/pots"), "7");
  EXPECT_EQ(group_path::credential("7/12/pots"), "7/12");
  EXPECT_EQ(group_path::prefix("7/12/pots", 3), "7/12/pots");
  EXPECT_EQ(group_path::prefix("7/12/pots/more", 3), "7/12/pots");
  EXPECT_EQ(group_path::tenant("7"), "7");
  EXPECT_EQ(group_path::credential("7"), "");
  EXPECT_EQ(group_path::tenant(""), "");
}

TEST(group_path, OnlyAStreamRunsInOrder) {
  EXPECT_FALSE(group_path::in_order(""));
  EXPECT_FALSE(group_path::in_order("7"));
  EXPECT_FALSE(group_path::in_order("7/12"));
  EXPECT_TRUE(group_path::in_order("7/12/pots"));
  EXPECT_TRUE(group_path::in_order("7/12/pots/a"));
}

TEST(group_path, BrokenKeysAreRefused) {
  EXPECT_TRUE(group_path::check(""));
  EXPECT_TRUE(group_path::check("7/12/a stream"));
  for (const auto* broken : {"/7", "7/", "7//x", "7/\n"})
    EXPECT_FALSE(group_path::check(broken)) << broken;
  EXPECT_TRUE(group_path::check(std::string(255, 'x')));
  EXPECT_FALSE(group_path::check(std::string(256, 'x')));
}

} // namespace penstock
