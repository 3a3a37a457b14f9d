#include "net/query.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

TEST(query, EncodingLeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(percent_encode("a b/?&=+\xC3\xA9"), "a%20b%2F%3F%26%3D%2B%C3%A9");
}

TEST(query, EveryByteComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(parse_query(build_query({{all, all}})), (query_parameters{{all, all}}));
  EXPECT_EQ(parse_query(form_encode({{all, all}})), (query_parameters{{all, all}}));
}

TEST(query, BrokenEscapesAreToldOrKept) {
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
  EXPECT_EQ(percent_decode("a%"), std::nullopt);
  EXPECT_EQ(parse_query("a=%zz&b=%4"), (query_parameters{{"a", "%zz"}, {"b", "%4"}}));
}

TEST(query, ReadsWhatBrowsersSend) {
  EXPECT_EQ(parse_query("a=1+2&b&&c=x=y&=z"), (query_parameters{{"a", "1 2"}, {"b", ""}, {"c", "x=y"}, {"", "z"}}));
  EXPECT_TRUE(parse_query("").empty());
}

TEST(query, FormWritesSpacesAsPlus) { EXPECT_EQ(form_encode({{"a b", "c~*"}, {"d", ""}}), "a+b=c%7E*&d="); }

TEST(query, NumberOfParametersIsBounded) {
  std::string many;
  for (std::size_t i = 0; i < max_query_parameters + 50; ++i)
    many += "a=1&";
  EXPECT_EQ(parse_query(many).size(), max_query_parameters);
}

TEST(query, FindsTheFirstOfAName) {
  const query_parameters p{{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(find_parameter(p, "a"), "1");
  EXPECT_EQ(find_parameter(p, "b"), std::nullopt);
}

} // namespace
} // namespace penstock::net
