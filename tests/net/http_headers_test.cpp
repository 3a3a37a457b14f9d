#include "net/http_headers.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

TEST(http_headers, NamesAreFoundWithoutCase) {
  const http_headers h{{"Content-Type", "text/plain"}, {"X-Empty", ""}};
  EXPECT_EQ(h.find("content-TYPE"), "text/plain");
  EXPECT_EQ(h.find("x-empty"), "");
  EXPECT_EQ(h.find("missing"), std::nullopt);
  EXPECT_EQ(h.value_or("missing", "none"), "none");
}

TEST(http_headers, OrderAndRepetitionAreKept) {
  http_headers h;
  h.add("Set-Cookie", "a=1");
  h.add("Other", "x");
  h.add("set-cookie", "b=2");
  std::string all;
  for (const auto field : h)
    all += std::string(field.name) + ':' + std::string(field.value) + ';';
  EXPECT_EQ(all, "Set-Cookie:a=1;Other:x;set-cookie:b=2;");
}

TEST(http_headers, SetReplacesAllOfTheName) {
  http_headers h{{"A", "1"}, {"B", "2"}, {"a", "3"}};
  h.set("A", *h.find("B"));
  EXPECT_EQ(h.size(), 2u);
  EXPECT_EQ(h.find("a"), "2");
  EXPECT_TRUE(h.remove("a"));
  EXPECT_FALSE(h.remove("a"));
}

TEST(http_headers, TokensAreFoundInLists) {
  const http_headers h{{"Connection", "keep-alive ,\tUpgrade"}, {"connection", "x"}};
  EXPECT_TRUE(h.has_token("Connection", "upgrade"));
  EXPECT_TRUE(h.has_token("Connection", "Keep-Alive"));
  EXPECT_TRUE(h.has_token("Connection", "X"));
  EXPECT_FALSE(h.has_token("Connection", "keep"));
}

TEST(http_headers, SurvivesCopyAndMove) {
  http_headers a{{"Name", "value"}};
  http_headers b = a;
  const http_headers c = std::move(a);
  b.add("Second", "2");
  EXPECT_EQ(c.find("name"), "value");
  EXPECT_EQ(b.find("name"), "value");
  EXPECT_EQ(b.find("second"), "2");
}

TEST(http_headers, FieldsThatWouldBreakTheMessageAreToldApart) {
  EXPECT_TRUE(is_valid_field("X-Id", "any text; even with \t tabs"));
  EXPECT_FALSE(is_valid_field("", "v"));
  EXPECT_FALSE(is_valid_field("X Id", "v"));
  EXPECT_FALSE(is_valid_field("X:", "v"));
  EXPECT_FALSE(is_valid_field("X", "v\r\nY: z"));
  EXPECT_FALSE(is_valid_field("X", std::string_view("a\0b", 3)));
}

} // namespace
} // namespace penstock::net
