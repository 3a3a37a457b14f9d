#include "net/scripted_http_client.hpp"

#include <gtest/gtest.h>

#include "net/manual_sleeper.hpp"
#include "tests/net/run_here.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

result<http_response> send(http_client& client, std::string method, std::string url) {
  http_request request;
  request.method = std::move(method);
  request.url = std::move(url);
  return testing::run_here(client.send(request));
}

TEST(scripted_http_client, AnswersInOrderAndRemembers) {
  scripted_http_client client;
  client.reply("GET", "/a", 200, "1").reply("GET", "/a?x=1", 404, "2").fail("POST", "https://h/b", error_code::network);
  EXPECT_EQ(send(client, "GET", "https://h/a?any=thing")->body, "1");
  EXPECT_EQ(send(client, "GET", "https://h/a?x=1")->status, 404);
  EXPECT_EQ(client.outstanding(), 1u);
  EXPECT_EQ(send(client, "POST", "https://h/b").error().code, error_code::network);
  EXPECT_TRUE(client.done());
  EXPECT_EQ(client.requests().size(), 3u);
}

TEST(scripted_http_client, UnexpectedRequestFailsAndIsListed) {
  scripted_http_client client;
  client.reply("GET", "/a", 200, "");
  EXPECT_EQ(send(client, "GET", "https://h/b").error().code, error_code::internal);
  EXPECT_EQ(client.unexpected(), std::vector<std::string>{"GET https://h/b"});
  EXPECT_FALSE(client.done());
  EXPECT_TRUE(send(client, "GET", "https://h/a"));
  EXPECT_FALSE(client.done());
}

TEST(scripted_http_client, StandingAnswersServeAnyNumber) {
  scripted_http_client client;
  client.expect({.method = "GET", .where = "/ping", .answer = http_response{200, {}, "pong"}, .times = 0})
    .reply("GET", "/once", 200, "");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(send(client, "GET", "http://h/ping")->body, "pong");
  EXPECT_TRUE(send(client, "GET", "http://h/once"));
  EXPECT_EQ(send(client, "GET", "http://h/ping")->body, "pong");
  EXPECT_TRUE(client.done());
}

TEST(scripted_http_client, DelayIsSleptOnTheGivenSleeper) {
  auto sleeper = std::make_shared<manual_sleeper>(manual_sleeper::mode::skip);
  scripted_http_client client(sleeper);
  client.expect({.method = "GET", .answer = http_response{200, {}, ""}, .delay = 7s});
  EXPECT_TRUE(send(client, "GET", "http://h/"));
  EXPECT_EQ(sleeper->elapsed(), 7s);
}

} // namespace
} // namespace penstock::net
