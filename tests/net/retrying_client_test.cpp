#include "net/retrying_client.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "net/manual_sleeper.hpp"
#include "net/scripted_http_client.hpp"
#include "tests/net/run_here.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

class recorder : public exchange_observer {
public:
  void on_exchange(const http_exchange& exchange) override { seen.push_back(exchange); }
  std::vector<http_exchange> seen;
};

class retrying : public ::testing::Test {
protected:
  retrying_client::outcome send(std::string method = "GET", std::optional<bool> idempotent = {}) {
    http_request request;
    request.method = std::move(method);
    request.url = "https://api.example/page?cursor=5&access_token=hunter2";
    request.body = "12345";
    request.idempotent = idempotent;
    return testing::run_here(client.send_counting(request));
  }

  scripted_http_client http;
  manual_sleeper sleep{manual_sleeper::mode::skip};
  seeded_random random{42};
  manual_clock clock{timestamp{std::chrono::sys_days{std::chrono::year(2026) / 1 / 1}}};
  recorder observer;
  retrying_client client{http, sleep, random, clock, &observer};
};

TEST_F(retrying, GoodAnswerNeedsOneTry) {
  http.reply("GET", "/page", 200, "body");
  const auto out = send();
  EXPECT_EQ(out.answer->body, "body");
  EXPECT_EQ(out.tries, 1);
  EXPECT_TRUE(sleep.slept().empty());
}

TEST_F(retrying, TroubleThatPassesIsRetriedWithGrowingWaits) {
  http.fail("GET", "", error_code::network)
    .fail("GET", "", error_code::truncated_body)
    .reply("GET", "", 503, "")
    .reply("GET", "", 200, "ok");
  const auto out = send();
  ASSERT_TRUE(out.answer);
  EXPECT_EQ(out.answer->body, "ok");
  EXPECT_EQ(out.tries, 4);
  const auto slept = sleep.slept();
  ASSERT_EQ(slept.size(), 3u);
  duration most = 500ms;
  for (const auto wait : slept) {
    EXPECT_GE(wait, most / 2);
    EXPECT_LE(wait, most);
    most *= 2;
  }
}

TEST_F(retrying, GivesUpAfterFourTries) {
  for (int i = 0; i < 4; ++i)
    http.fail("GET", "", error_code::timed_out, "slow");
  http_request request;
  request.url = "https://api.example/";
  const auto answer = testing::run_here(client.send(request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::timed_out);
  EXPECT_EQ(answer.error().message, "slow (4 tries)");
  EXPECT_TRUE(http.done());
}

TEST_F(retrying, LastAnswerIsGivenWhateverItIs) {
  for (int i = 0; i < 4; ++i)
    http.reply("GET", "", 500, std::to_string(i));
  const auto out = send();
  EXPECT_EQ(out.answer->status, 500);
  EXPECT_EQ(out.answer->body, "3");
}

TEST_F(retrying, EveryPassingStatusIsRetriedAndNoOther) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504}) {
    http.reply("GET", "", status, "").reply("GET", "", 200, "");
    EXPECT_EQ(send().tries, 2) << status;
  }
  for (const int status : {200, 204, 301, 304, 400, 401, 403, 404, 409, 422}) {
    http.reply("GET", "", status, "");
    EXPECT_EQ(send().tries, 1) << status;
  }
  EXPECT_TRUE(http.done());
}

TEST_F(retrying, FinalErrorsAreNotRetried) {
  for (const auto code :
       {error_code::cancelled, error_code::invalid_argument, error_code::unexpected_shape, error_code::forbidden}) {
    http.fail("GET", "", code);
    EXPECT_EQ(send().tries, 1) << to_string(code);
  }
}

TEST_F(retrying, OnlyIdempotentRequestsAreRepeated) {
  http.fail("POST", "", error_code::network);
  EXPECT_EQ(send("POST").tries, 1);
  http.fail("POST", "", error_code::network).reply("POST", "", 200, "");
  EXPECT_EQ(send("POST", true).tries, 2);
  http.fail("GET", "", error_code::network);
  EXPECT_EQ(send("GET", false).tries, 1);
  for (const auto* method : {"PUT", "DELETE", "HEAD"}) {
    http.fail(method, "", error_code::network).reply(method, "", 200, "");
    EXPECT_EQ(send(method).tries, 2) << method;
  }
}

TEST_F(retrying, RetryAfterIsHonouredUpToHalfAMinute) {
  http.reply("GET", "", 429, "", {{"Retry-After", "30"}}).reply("GET", "", 200, "");
  EXPECT_EQ(send().tries, 2);
  EXPECT_EQ(sleep.slept().at(0), 30s);
  http.reply("GET", "", 503, "", {{"Retry-After", "Thu, 01 Jan 2026 00:00:12 GMT"}}).reply("GET", "", 200, "");
  EXPECT_EQ(send().tries, 2);
  EXPECT_EQ(sleep.slept().at(1), 12s);
}

TEST_F(retrying, ShortRetryAfterDoesNotShortenTheWait) {
  http.reply("GET", "", 429, "", {{"Retry-After", "0"}}).reply("GET", "", 200, "");
  EXPECT_EQ(send().tries, 2);
  EXPECT_GE(sleep.slept().at(0), 250ms);
}

TEST_F(retrying, LongRetryAfterEndsTheTries) {
  http.reply("GET", "", 429, "", {{"Retry-After", "31"}});
  const auto out = send();
  EXPECT_EQ(out.tries, 1);
  EXPECT_EQ(out.answer->retry_after(clock.now()), 31s);
}

TEST_F(retrying, ObserverSeesEveryTryWithoutSecrets) {
  http.fail("GET", "", error_code::network, "reset").reply("GET", "", 200, "answer");
  send();
  ASSERT_EQ(observer.seen.size(), 2u);
  EXPECT_EQ(observer.seen[0].failure->code, error_code::network);
  EXPECT_EQ(observer.seen[0].status, 0);
  EXPECT_EQ(observer.seen[0].try_number, 1);
  EXPECT_EQ(observer.seen[1].status, 200);
  EXPECT_EQ(observer.seen[1].try_number, 2);
  EXPECT_EQ(observer.seen[1].request_bytes, 5u);
  EXPECT_EQ(observer.seen[1].response_bytes, 6u);
  EXPECT_EQ(observer.seen[1].started_at, clock.now());
  EXPECT_EQ(observer.seen[1].url, "https://api.example/page?cursor=5&access_token=…");
}

TEST_F(retrying, WaitsNeverPassTheCap) {
  retrying_client patient(http, sleep, random, clock, nullptr, {.max_tries = 12});
  for (int i = 0; i < 12; ++i)
    http.fail("GET", "", error_code::network);
  http_request request;
  request.url = "https://api.example/";
  EXPECT_EQ(testing::run_here(patient.send_counting(request)).tries, 12);
  for (const auto wait : sleep.slept())
    EXPECT_LE(wait, 10s);
  EXPECT_GE(sleep.slept().back(), 5s);
}

TEST_F(retrying, CancelledBetweenTwoTriesSaysSo) {
  manual_sleeper held;
  retrying_client waiting(http, held, random, clock);
  http.fail("GET", "", error_code::network);
  http_request request;
  request.url = "https://api.example/";
  asio::io_context context;
  asio::cancellation_signal cancel;
  std::optional<result<http_response>> answer;
  asio::co_spawn(context, waiting.send(request),
                 asio::bind_cancellation_slot(
                   cancel.slot(), [&](std::exception_ptr, result<http_response> got) { answer = std::move(got); }));
  context.poll();
  ASSERT_EQ(held.waiting(), 1u);
  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.poll();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().code, error_code::cancelled);
}

} // namespace
} // namespace penstock::net
