#include "gateway/session_cookie.hpp"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view secure = "https://penstock.test", plain = "http://127.0.0.1:8080";

net::http_server_request request_with(std::initializer_list<std::pair<const char*, const char*>> headers,
                                      std::string method = "POST") {
  net::http_server_request request;
  request.method = std::move(method);
  request.headers.add("Host", "penstock.test");
  for (const auto& [name, value] : headers)
    request.headers.add(name, value);
  return request;
}

TEST(session_cookie, NoScriptAndNoOtherSiteHasIt) {
  EXPECT_EQ(session_cookie("abc", 12h, plain), "penstock_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200");
  EXPECT_EQ(session_cookie("abc", 1min, secure),
            "__Host-penstock=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
  EXPECT_EQ(no_session_cookie(plain), "penstock_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST(session_cookie, IsFoundAmongOthers) {
  EXPECT_EQ(session_token_of(request_with({{"Cookie", "a=1; penstock_session=abc; b=2"}}), plain), "abc");
  EXPECT_EQ(session_token_of(request_with({{"Cookie", "penstock_session=abc"}}), plain), "abc");
  EXPECT_EQ(session_token_of(request_with({{"Cookie", "__Host-penstock=abc;"}}), secure), "abc");
  for (const auto* other : {"", "a=1", "penstock_session", "xpenstock_session=abc", "a=penstock_session=abc", ";;; ="})
    EXPECT_EQ(session_token_of(request_with({{"Cookie", other}}), plain), "") << other;
  EXPECT_EQ(session_token_of(request_with({}), plain), "");
}

TEST(session_cookie, OverHttpsOnlyTheOneThatNobodyElseCanSetCounts) {
  EXPECT_EQ(session_token_of(request_with({{"Cookie", "penstock_session=theirs; __Host-penstock=own"}}), secure),
            "own");
  EXPECT_EQ(session_token_of(request_with({{"Cookie", "penstock_session=theirs"}}), secure), "");
}

TEST(session_cookie, BrowsersSayWhosePageAsked) {
  struct row {
    std::initializer_list<std::pair<const char*, const char*>> headers;
    bool own, foreign;
  };
  const row rows[] = {
    {{{"Sec-Fetch-Site", "same-origin"}}, true, false},
    {{{"Sec-Fetch-Site", "same-site"}}, false, true},
    {{{"Sec-Fetch-Site", "cross-site"}}, false, true},
    {{{"Sec-Fetch-Site", "none"}}, false, true}, // a person types addresses, and those are GETs
    {{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://penstock.test"}}, false, true},
    {{{"Origin", "https://penstock.test"}}, true, false},
    {{{"Origin", "http://penstock.test"}}, true, false}, // a proxy in front may speak https
    {{{"Origin", "https://penstock.test:8443"}}, false, true},
    {{{"Origin", "https://penstock.test.evil.example"}}, false, true},
    {{{"Origin", "https://evil.example/penstock.test"}}, false, true},
    {{{"Origin", "null"}}, false, true},
    {{{"Referer", "https://penstock.test/dashboard"}}, true, false},
    {{{"Referer", "https://evil.example/?https://penstock.test/"}}, false, true},
    {{}, false, false},
  };
  for (const auto& each : rows) {
    const auto request = request_with(each.headers);
    EXPECT_EQ(is_from_own_page(request, secure), each.own) << each.headers.begin()->second;
    EXPECT_EQ(is_from_foreign_page(request, secure), each.foreign) << each.headers.begin()->second;
  }
}

TEST(session_cookie, AnAddressThatIsTypedIsThePersonsOwn) {
  EXPECT_TRUE(is_from_own_page(request_with({{"Sec-Fetch-Site", "none"}}, "GET"), secure));
}

TEST(session_cookie, PageOfThePublicAddressIsOwnBehindAProxyThatChangesTheHost) {
  net::http_server_request request;
  request.method = "POST";
  request.headers.add("Host", "10.0.0.7:8080");
  request.headers.add("Origin", "https://penstock.test");
  EXPECT_TRUE(is_from_own_page(request, secure));
  EXPECT_FALSE(is_from_own_page(request, plain));
}

} // namespace
} // namespace penstock::gateway
