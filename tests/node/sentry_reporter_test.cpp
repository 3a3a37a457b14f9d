#include "node/sentry_reporter.hpp"

#include <array>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "net/scripted_http_client.hpp"
#include "node/sentry_listener.hpp"
#include "node/sentry_repeats.hpp"

namespace penstock::node {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr timestamp start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

class sentry_reporting : public testing::Test {
protected:
  sentry_reporter& aut() {
    if (!reporter_) {
      sentry_reporter_config config;
      config.dsn = net::sentry_dsn::parse("https://KEY@sentry.example/42").value();
      config.sender = {.environment = "test", .release = "r1", .server_name = "pump", .version = "1.0"};
      config.most_waiting = 3;
      config.repeat_after = 5min;
      config.note = [this](const std::string& line) { notes.push_back(line); };
      reporter_ = std::make_unique<sentry_reporter>(std::move(config), http, clock, random, network.get_executor());
    }
    return *reporter_;
  }
  void report(int count = 1) {
    for (int i = 0; i < count; ++i)
      aut().report({.time = clock.now(), .type = "internal", .value = "no"});
  }
  void report_failure(const std::string& integration, const std::string& kind, const std::string& code) {
    aut().report({.time = clock.now(),
                  .type = code,
                  .value = "no",
                  .tags = {{"integration", integration}},
                  .fingerprint = {kind, code}});
  }
  std::string last_body() const { return http.requests().empty() ? "" : http.requests().back().body; }
  void answer(int status, net::http_headers headers = {}, int times = 1) {
    http.expect({"POST",
                 "https://sentry.example/api/42/envelope/",
                 net::http_response{status, std::move(headers), "{}"},
                 duration{0},
                 {},
                 times});
  }
  void run() {
    network.restart();
    network.poll();
  }

  manual_clock clock{start};
  seeded_random random{7};
  net::scripted_http_client http;
  net::asio::io_context network;
  std::vector<std::string> notes;

private:
  std::unique_ptr<sentry_reporter> reporter_;
};

} // namespace

TEST_F(sentry_reporting, SendsEachReportAsAnEnvelopeOfItsOwn) {
  answer(200, {}, 2);
  report(2);
  EXPECT_TRUE(http.requests().empty()) << "whoever reports does not wait for the network";
  run();
  const auto sent = http.requests();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].headers.find("Content-Type"), "application/x-sentry-envelope");
  EXPECT_EQ(sent[0].headers.find("X-Sentry-Auth"),
            "Sentry sentry_version=7, sentry_client=penstock/1.0, sentry_key=KEY");
  EXPECT_THAT(sent[0].body, HasSubstr(R"("type":"internal","value":"no")"));
  EXPECT_NE(sent[0].body.substr(0, 48), sent[1].body.substr(0, 48)) << "each has an id of its own";
  EXPECT_TRUE(http.done());
  EXPECT_TRUE(aut().flush(0s));
  EXPECT_THAT(notes, ElementsAre());
}

TEST_F(sentry_reporting, AnAnswerThatLimitsIsObeyedAndWhatComesMeanwhileIsDropped) {
  answer(429, {{"Retry-After", "100"}});
  report(3);
  run();
  EXPECT_EQ(http.requests().size(), 1u) << "what waited is dropped";
  clock.advance(99s);
  report(2);
  run();
  EXPECT_EQ(http.requests().size(), 1u);
  clock.advance(1s);
  answer(200);
  report();
  run();
  EXPECT_TRUE(http.done());
}

TEST_F(sentry_reporting, AGoodAnswerMayLimitToo) {
  answer(200, {{"X-Sentry-Rate-Limits", "60:error:organization"}});
  report();
  run();
  report();
  run();
  EXPECT_TRUE(http.done());
  clock.advance(60s);
  answer(200);
  report();
  run();
  EXPECT_TRUE(http.done());
}

TEST_F(sentry_reporting, WhatDoesNotFitIsDroppedAndSaidOnceAMinute) {
  answer(200, {}, 3);
  report(10); // the buffer has room for three
  EXPECT_THAT(notes, testing::IsEmpty()) << "whoever reports may be writing to the log";
  run();
  EXPECT_THAT(notes,
              ElementsAre("7 reports of failures did not reach Sentry: more came at once than are kept in memory"));
  EXPECT_EQ(http.requests().size(), 3u);
  clock.advance(1min);
  http.fail("POST", "", error_code::network, "POST https://sentry.example: refused");
  report();
  run();
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[1], "1 report of failures did not reach Sentry: POST https://sentry.example: refused");
}

TEST_F(sentry_reporting, TheSameFailureIsSentOnceInAWhileAndTheNextReportSaysHowManyWereLeftOut) {
  answer(200, {}, 2);
  for (int second = 0; second < 300; ++second) {
    report_failure("7", "shop.pull", "network");
    run();
    clock.advance(1s);
  }
  EXPECT_EQ(http.requests().size(), 1u);
  EXPECT_THAT(last_body(), testing::Not(HasSubstr("left_out")));
  report_failure("7", "shop.pull", "network");
  run();
  EXPECT_EQ(http.requests().size(), 2u);
  EXPECT_THAT(last_body(), HasSubstr(R"("left_out":"299")"));
  EXPECT_THAT(notes, testing::IsEmpty()) << "nothing was lost that anybody should look after";
}

TEST_F(sentry_reporting, FailuresOfAnotherIntegrationKindOrCodeAreNotTheSame) {
  answer(200, {}, 4);
  for (const auto& [integration, kind, code] : {std::array{"7", "shop.pull", "network"},
                                                {"8", "shop.pull", "network"},
                                                {"7", "shop.data", "network"},
                                                {"7", "shop.pull", "forbidden"},
                                                {"7", "shop.pull", "network"}}) {
    report_failure(integration, kind, code);
    run();
  }
  EXPECT_TRUE(http.done());
}

TEST_F(sentry_reporting, WhatSentryDidNotWantDoesNotCountAsTold) {
  answer(429, {{"Retry-After", "100"}});
  report_failure("7", "a", "x");
  run();
  report_failure("7", "b", "x"); // dropped
  run();
  clock.advance(100s);
  answer(200);
  report_failure("7", "b", "x");
  run();
  EXPECT_TRUE(http.done());
}

TEST_F(sentry_reporting, WhatDidNotArriveIsNotSilencedAndIsCountedByTheNextOfTheSame) {
  answer(429, {{"Retry-After", "60"}});
  report_failure("7", "a", "x");
  report_failure("7", "b", "x"); // waits behind it, and is dropped with it
  run();
  clock.advance(60s);
  answer(200, {}, 2);
  report_failure("7", "a", "x");
  run();
  EXPECT_THAT(last_body(), HasSubstr(R"("left_out":"1")"));
  report_failure("7", "b", "x");
  run();
  EXPECT_EQ(http.requests().size(), 3u);
  report_failure("7", "a", "x"); // was told just now
  run();
  EXPECT_EQ(http.requests().size(), 3u);
  clock.advance(5min);
  http.fail("POST", "", error_code::network, "refused");
  report_failure("7", "a", "x"); // is to tell of one
  run();
  answer(200);
  report_failure("7", "a", "x");
  run();
  EXPECT_THAT(last_body(), HasSubstr(R"("left_out":"2")"));
}

TEST(sentry_repeats, RemembersABoundedNumberAndForgetsWhatWasToldLongestAgo) {
  sentry_repeats aut(1h, 100);
  auto now = start;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(aut.admit("k" + std::to_string(i), now += 1s));
  EXPECT_FALSE(aut.admit("k0", now));
  EXPECT_TRUE(aut.admit("new", now += 1s));
  EXPECT_FALSE(aut.admit("k99", now));
  EXPECT_TRUE(aut.admit("k0", now)) << "it was forgotten";
}

TEST(sentry_repeats, FloodOfOneMomentStaysBoundedToo) {
  sentry_repeats aut(1h, 10);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(aut.admit(std::to_string(i), start), 0);
}

TEST(sentry_repeats, ClockThatIsSetBackSilencesNothing) {
  sentry_repeats aut(5min);
  EXPECT_EQ(aut.admit("k", start), 0);
  EXPECT_EQ(aut.admit("k", start + 1min), std::nullopt);
  EXPECT_EQ(aut.admit("k", start - 24h), 1);
}

TEST(sentry_repeats, WhatEachRunRepeatsIsToldOnceADayUntilItIsNews) {
  sentry_repeats aut(5min);
  EXPECT_EQ(aut.admit("k", start), 0);
  EXPECT_EQ(aut.admit("k", start + 15min, true), std::nullopt);
  EXPECT_EQ(aut.admit("k", start + 30min, true), std::nullopt);
  EXPECT_EQ(aut.admit("k", start + 45min), 2) << "it went well between";
  EXPECT_EQ(aut.admit("k", start + 1h, true), std::nullopt);
  EXPECT_EQ(aut.admit("k", start + 25h, true), 1);
}

TEST(sentry_repeats, NoPauseLeavesNothingOut) {
  sentry_repeats aut(duration{0});
  EXPECT_EQ(aut.admit("k", start), 0);
  EXPECT_EQ(aut.admit("k", start), 0);
}

TEST_F(sentry_reporting, ARefusedKeySaysWhatToLookAt) {
  answer(401);
  report();
  run();
  EXPECT_THAT(notes, ElementsAre(HasSubstr("Sentry answered 401: look at sentry.dsn")));
}

TEST_F(sentry_reporting, AFlushWaitsNoLongerThanItsLimitAndCountsWhatIsLost) {
  report(2);
  EXPECT_FALSE(aut().flush(1ms)); // nobody runs the network
  EXPECT_THAT(notes, ElementsAre(HasSubstr("the node stopped before they were sent")));
}

namespace {

event failed(std::string data) {
  event value;
  value.type = "job.failed";
  value.time = start;
  value.data = std::move(data);
  return value;
}

} // namespace

TEST(sentry_listener, JobThatFailedForGoodIsOneIssueForItsKindAndError) {
  const auto report = report_of(failed(R"({"job_id":"9","kind":"monzo.transaction_pull","queue":"fetch","attempts":4,
    "integration_id":"7","service":"monzo","integration":"Ann","run_id":"8",
    "error":{"code":"provider_unavailable","class":"retryable","message":"GET https://api.example: 503"}})"));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->type, "provider_unavailable");
  EXPECT_EQ(report->value, "GET https://api.example: 503");
  EXPECT_EQ(report->time, start);
  EXPECT_THAT(report->fingerprint, ElementsAre("monzo.transaction_pull", "provider_unavailable"));
  using tag = std::pair<std::string, std::string>;
  EXPECT_THAT(report->tags,
              testing::IsSupersetOf({tag("kind", "monzo.transaction_pull"), tag("queue", "fetch"),
                                     tag("service", "monzo"), tag("job", "9"), tag("error_class", "retryable")}));
}

TEST(sentry_listener, WhatEachRunRepeatsIsMarked) {
  using tag = std::pair<std::string, std::string>;
  const auto report = report_of(failed(R"({"kind":"monzo.pot_pull","repeated":true,"error":{"code":"forbidden"}})"));
  EXPECT_THAT(report->tags, testing::Contains(tag("repeated", "true")));
}

TEST(sentry_listener, OneFaultIsToldOnceAndGoodNewsNever) {
  EXPECT_FALSE(report_of(failed(R"({"kind":"integration.process","run_id":"8","error":{"code":"network"}})")))
    << "the jobs of the run are told";
  EXPECT_TRUE(report_of(failed(R"({"kind":"integration.process","error":{"code":"bad_configuration"}})")));
  for (const auto* type : {"job.cancelled", "integration.failed", "integration.updated", "queue.warning"}) {
    auto other = failed("{}");
    other.type = type;
    EXPECT_FALSE(report_of(other)) << type;
  }
}

TEST(sentry_listener, LinesOfTheNodeThatDifferInNumbersAreOneIssue) {
  const auto one = report_of_line("the end of job 12 could not be stored twice", false, start);
  const auto other = report_of_line("the end of job 3456 could not be stored twice", false, start);
  EXPECT_EQ(one.fingerprint, other.fingerprint);
  EXPECT_EQ(one.value, "the end of job 12 could not be stored twice");
  EXPECT_EQ(one.level, "error");
  EXPECT_EQ(report_of_line("gone", true, start).level, "fatal");
}

} // namespace penstock::node
