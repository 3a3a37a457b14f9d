#include "storage/text_pattern.hpp"

#include <gtest/gtest.h>

namespace penstock::storage {
namespace {

TEST(text_pattern, ContainingTakesTheTextLiterally) {
  EXPECT_EQ(pattern_containing("abc"), "%abc%");
  EXPECT_EQ(pattern_containing("50%_\\"), "%50\\%\\_\\\\%");
  EXPECT_EQ(pattern_containing("a*?"), "%a*?%");
  EXPECT_EQ(pattern_containing(""), "%%");
}

TEST(text_pattern, GlobStarsAreAnyTextAndQuestionMarksOneCharacter) {
  EXPECT_EQ(pattern_of_glob("integration.*"), "integration.%");
  EXPECT_EQ(pattern_of_glob("a?c"), "a_c");
  EXPECT_EQ(pattern_of_glob("100%_*"), "100\\%\\_%");
  EXPECT_EQ(pattern_of_glob("plain"), "plain");
}

TEST(text_pattern, OnlyStarsAndQuestionMarksAreWildcards) {
  EXPECT_TRUE(has_wildcard("a*"));
  EXPECT_TRUE(has_wildcard("?"));
  EXPECT_FALSE(has_wildcard("job.failed"));
  EXPECT_FALSE(has_wildcard("50%_"));
}

} // namespace
} // namespace penstock::storage
