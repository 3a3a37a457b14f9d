#include "core/quotable.hpp"

#include <gtest/gtest.h>

#include "core/rfc3339.hpp"
#include "core/schedule_rule.hpp"

namespace penstock {
namespace {

TEST(quotable, ControlCharactersAreReplaced) {
  EXPECT_EQ(quotable("ki\nnd\x7f", 40), "ki\xEF\xBF\xBDnd\xEF\xBF\xBD");
  EXPECT_EQ(quotable("plain \xC3\xA4", 40), "plain \xC3\xA4");
}

TEST(quotable, NoCharacterIsCutInHalf) {
  EXPECT_EQ(quotable("ab\xE2\x82\xAC", 5), "ab\xE2\x82\xAC");
  EXPECT_EQ(quotable("ab\xE2\x82\xAC", 4), "ab");
  EXPECT_EQ(quotable(std::string(20, '\x80'), 10).size(), 10U) << "what is no text is cut anywhere";
}

TEST(quotable, MessagesOfParsersAreOneLine) {
  for (const auto* text : {"2027-06-\n1", "every 5\nm", "1\n2 * * * *", "* * * * mon\n#2", "* * L\n * *"}) {
    const auto moment = parse_rfc3339(text);
    ASSERT_FALSE(moment);
    EXPECT_EQ(moment.error().message.find('\n'), std::string::npos) << moment.error().message;
    for (const auto& rule : {schedule_rule::parse(text), schedule_rule::parse("* * * * *", text)}) {
      if (!rule) {
        EXPECT_EQ(rule.error().message.find('\n'), std::string::npos) << rule.error().message;
      }
    }
  }
}

} // namespace
} // namespace penstock
