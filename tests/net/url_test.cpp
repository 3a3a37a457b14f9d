#include "net/url.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

TEST(url, TakesAnAddressApart) {
  const auto u = parse_url("https://me:pw@API.Example.com:8443/a/b%20c?x=1&y=2#part");
  ASSERT_TRUE(u);
  EXPECT_EQ(u->scheme, "https");
  EXPECT_EQ(u->user_info, "me:pw");
  EXPECT_EQ(u->host, "api.example.com");
  EXPECT_EQ(u->effective_port(), 8443);
  EXPECT_EQ(u->path, "/a/b%20c");
  EXPECT_EQ(u->query, "x=1&y=2");
  EXPECT_EQ(u->fragment, "part");
  EXPECT_EQ(u->target(), "/a/b%20c?x=1&y=2");
  EXPECT_EQ(u->to_string(), "https://api.example.com:8443/a/b%20c?x=1&y=2#part");
}

TEST(url, OwnPortOfTheSchemeIsTheSameOrigin) {
  EXPECT_EQ(parse_url("http://a:80/")->origin(), parse_url("http://a/")->origin());
  EXPECT_EQ(parse_url("https://a:443")->origin(), parse_url("https://a/x")->origin());
  EXPECT_EQ(parse_url("https://a:80")->origin(), "https://a:80");
}

TEST(url, EmptyPathIsTheRoot) {
  EXPECT_EQ(parse_url("http://a?q=1")->target(), "/?q=1");
  EXPECT_EQ(parse_url("http://a#f")->target(), "/");
  EXPECT_EQ(parse_url("http://a/?")->target(), "/?");
}

TEST(url, Ipv6KeepsItsBracketsOnTheWireOnly) {
  const auto u = parse_url("http://[::1]:8080/x");
  ASSERT_TRUE(u);
  EXPECT_EQ(u->host, "::1");
  EXPECT_EQ(u->authority(), "[::1]:8080");
}

TEST(url, RefusesWhatCannotBeCalled) {
  for (const auto* text : {"", "/path", "ftp://a/", "http:/a", "http:a", "http://", "http://a:0/", "http://a:65536/",
                           "http://a:x/", "http://a b/", "http://a/\r\nX: y", "http://[::1/", "http://[zz]/",
                           "http://[::1]x/", "http://a%41/", "javascript:1"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url("http://a/" + std::string(max_url_length, 'x')));
}

TEST(url, ErrorDoesNotRepeatTheAddress) {
  const auto u = parse_url("http://host:99999/?token=hunter2");
  ASSERT_FALSE(u);
  EXPECT_EQ(u.error().message.find("hunter2"), std::string::npos);
}

TEST(url, QueryIsAddedToAnExistingOne) {
  auto u = *parse_url("http://a/x?k=v");
  u.add_query({{"redirect uri", "http://b/?c=d&e"}});
  EXPECT_EQ(u.target(), "/x?k=v&redirect%20uri=http%3A%2F%2Fb%2F%3Fc%3Dd%26e");
}

struct reference_case {
  const char* reference;
  const char* expected;
};

// The examples of RFC 3986, 5.4.1 and 5.4.2, with an http base and without path parameters of other schemes.
TEST(url, ResolvesReferencesAsTheStandardSays) {
  const auto base = *parse_url("http://a/b/c/d;p?q");
  for (const auto& [reference, expected] : std::initializer_list<reference_case>{
         {"g", "http://a/b/c/g"},       {"./g", "http://a/b/c/g"},      {"g/", "http://a/b/c/g/"},
         {"/g", "http://a/g"},          {"//g", "http://g/"},           {"?y", "http://a/b/c/d;p?y"},
         {"g?y", "http://a/b/c/g?y"},   {"#s", "http://a/b/c/d;p?q#s"}, {"g#s", "http://a/b/c/g#s"},
         {";x", "http://a/b/c/;x"},     {"", "http://a/b/c/d;p?q"},     {".", "http://a/b/c/"},
         {"./", "http://a/b/c/"},       {"..", "http://a/b/"},          {"../", "http://a/b/"},
         {"../g", "http://a/b/g"},      {"../..", "http://a/"},         {"../../g", "http://a/g"},
         {"../../../g", "http://a/g"},  {"/./g", "http://a/g"},         {"/../g", "http://a/g"},
         {"g.", "http://a/b/c/g."},     {"..g", "http://a/b/c/..g"},    {"./../g", "http://a/b/g"},
         {"g/./h", "http://a/b/c/g/h"}, {"g/../h", "http://a/b/c/h"},   {"https://b:9/c", "https://b:9/c"}}) {
    const auto got = resolve(base, reference);
    ASSERT_TRUE(got) << reference;
    EXPECT_EQ(got->to_string(), expected) << reference;
  }
}

TEST(url, ReferenceToAnotherSchemeIsRefused) {
  const auto base = *parse_url("http://a/b");
  EXPECT_FALSE(resolve(base, "file:///etc/passwd"));
  EXPECT_FALSE(resolve(base, "mailto:a@b"));
}

} // namespace
} // namespace penstock::net
