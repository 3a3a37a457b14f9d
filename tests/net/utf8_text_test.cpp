#include "net/utf8_text.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "net/problem.hpp"

namespace penstock::net {
namespace {

TEST(utf8_text, WellFormedTextStays) {
  for (const std::string text :
       {"", "plain", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xEF\xBF\xBD", "\xF4\x8F\xBF\xBF"})
    EXPECT_EQ(well_formed_utf8(text), text);
}

// Unicode 15, 3.9, tables 3-8 to 3-11: F is one replacement.
TEST(utf8_text, EachMalformedPieceIsOneReplacement) {
  const std::string f = "\xEF\xBF\xBD";
  EXPECT_EQ(well_formed_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), f + f + f + f + f + f + f + f + "A");
  EXPECT_EQ(well_formed_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"), f + f + f + f + f + f + f + f + "A");
  EXPECT_EQ(well_formed_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"), f + f + f + f + f + "A" + f + f + "B");
  EXPECT_EQ(well_formed_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), f + f + f + f + "A");
  EXPECT_EQ(well_formed_utf8("a\xE2\x82"), "a" + f);
}

TEST(utf8_text, ClippingKeepsCharactersWhole) {
  const std::string text = "ab\xE2\x82\xAC\xF0\x9F\x98\x80";
  EXPECT_EQ(clip_utf8(text, 9), text);
  EXPECT_EQ(clip_utf8(text, 8), "ab\xE2\x82\xAC");
  EXPECT_EQ(clip_utf8(text, 5), "ab\xE2\x82\xAC");
  EXPECT_EQ(clip_utf8(text, 4), "ab");
  EXPECT_EQ(clip_utf8(text, 3), "ab");
  EXPECT_EQ(clip_utf8(text, 0), "");
  EXPECT_EQ(clip_utf8(std::string(20, '\x80'), 10).size(), 10U) << "what is no character is cut anywhere";
}

TEST(problem, MalformedDetailIsStillJson) {
  const auto reply = problem_reply({.status = 404, .code = "no_such_path", .detail = "nothing at /\xFF\xC3"});
  boost::system::error_code malformed;
  const auto told = boost::json::parse(reply.body, malformed);
  ASSERT_FALSE(malformed) << malformed.message();
  EXPECT_EQ(told.at("detail").as_string(), "nothing at /\xEF\xBF\xBD\xEF\xBF\xBD");
}

} // namespace
} // namespace penstock::net
