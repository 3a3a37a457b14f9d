#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/rfc3339.hpp"
#include "net/sentry_dsn.hpp"
#include "net/sentry_envelope.hpp"
#include "net/sentry_limit.hpp"

namespace penstock::net {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

std::string refusal(std::string_view text) {
  const auto dsn = sentry_dsn::parse(text);
  return dsn ? "taken" : dsn.error().message;
}

/// How long after the answer nothing is wanted.
duration limit_after(int status, std::initializer_list<std::pair<const char*, const char*>> headers) {
  http_response answer;
  answer.status = status;
  for (const auto& [name, value] : headers)
    answer.headers.add(name, value);
  sentry_limit limit;
  limit.note(answer, now);
  return limit.until() == no_time ? duration{0} : limit.until() - now;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  EXPECT_EQ(from, text.size()) << "it ends with a line break";
  return lines;
}

} // namespace

TEST(sentry_dsn, NamesTheEnvelopeEndpointAndAuthorisesByHeader) {
  const auto dsn = sentry_dsn::parse("https://0123abcd@o1.ingest.sentry.example/42");
  ASSERT_TRUE(dsn);
  EXPECT_EQ(dsn->envelope().to_string(), "https://o1.ingest.sentry.example/api/42/envelope/");
  EXPECT_EQ(dsn->auth("penstock/1.0"), "Sentry sentry_version=7, sentry_client=penstock/1.0, sentry_key=0123abcd");
}

TEST(sentry_dsn, PathPortAndSecretOfFormerTimesAreKept) {
  const auto dsn = sentry_dsn::parse("http://key:old@127.0.0.1:9000/errors/of/us/7/");
  ASSERT_TRUE(dsn);
  EXPECT_EQ(dsn->envelope().to_string(), "http://127.0.0.1:9000/errors/of/us/api/7/envelope/");
  EXPECT_THAT(dsn->auth("penstock/1.0"), HasSubstr("sentry_key=key, sentry_secret=old"));
}

TEST(sentry_dsn, WhatIsWrongIsSaidWithoutShowingTheKey) {
  EXPECT_THAT(refusal("https://sentry.example/42"), HasSubstr("has no key before the host"));
  EXPECT_THAT(refusal("https://hunter2@sentry.example"), HasSubstr("has no project"));
  EXPECT_THAT(refusal("https://hunter2@sentry.example/"), HasSubstr("has no project"));
  EXPECT_THAT(refusal("https://hunter2:@sentry.example/4"), HasSubstr("no secret there"));
  EXPECT_THAT(refusal("https://hunter2@sentry.example/4?x=1"), HasSubstr("has something behind the project"));
  EXPECT_THAT(refusal("hunter2"), HasSubstr("not a usable URL"));
  EXPECT_THAT(refusal("https://hunter2%0d%0a@sentry.example/4"), HasSubstr("has no key"));
  for (const auto* text : {"hunter2", "https://hunter2@sentry.example", "ftp://hunter2@sentry.example/4"}) {
    EXPECT_THAT(refusal(text), HasSubstr("https://KEY@sentry.example/42")) << "it says what to write";
    EXPECT_THAT(refusal(text), ::testing::Not(HasSubstr("hunter2")));
  }
}

TEST(sentry_limit, TooManyRequestsHoldsAsLongAsItSaysOrAMinute) {
  EXPECT_EQ(limit_after(429, {{"Retry-After", "120"}}), 120s);
  EXPECT_EQ(limit_after(429, {}), 60s);
  EXPECT_EQ(limit_after(429, {{"Retry-After", "soon"}}), 60s);
  EXPECT_EQ(limit_after(429, {{"Retry-After", "99999999"}}), 24h);
  EXPECT_EQ(limit_after(200, {{"Retry-After", "120"}}), 0s);
  EXPECT_EQ(limit_after(503, {}), 0s);
}

TEST(sentry_limit, RateLimitsHoldOnGoodAnswersTooIfTheyAreOfErrorsOrOfAll) {
  constexpr const char* name = "X-Sentry-Rate-Limits";
  EXPECT_EQ(limit_after(200, {{name, "60:error;default:organization"}}), 60s);
  EXPECT_EQ(limit_after(200, {{name, "60:transaction:key, 2700:default;error;security:organization:quota"}}), 2700s);
  EXPECT_EQ(limit_after(200, {{name, "30::organization"}}), 30s);
  EXPECT_EQ(limit_after(200, {{name, "2.5:error:key"}}), 3s);
  EXPECT_EQ(limit_after(200, {{name, "60:transaction:key"}}), 0s);
  EXPECT_EQ(limit_after(200, {{name, "60:errors:key"}}), 0s);
  EXPECT_EQ(limit_after(200, {{name, "x:error:key"}}), 60s);
  EXPECT_EQ(limit_after(200, {{name, ",, "}}), 0s);
  EXPECT_EQ(limit_after(429, {{name, "10:error:key"}, {"Retry-After", "500"}}), 10s) << "it says more than Retry-After";
}

TEST(sentry_limit, ALaterAnswerNeverShortensIt) {
  sentry_limit limit;
  limit.note({.status = 429, .headers = {{"Retry-After", "100"}}}, now);
  limit.note({.status = 429, .headers = {{"Retry-After", "5"}}}, now);
  EXPECT_TRUE(limit.holds(now + 99s));
  EXPECT_FALSE(limit.holds(now + 100s));
}

TEST(sentry_envelope, IsThreeLinesWhoseItemSaysHowLongItIs) {
  sentry_report report;
  report.time = now;
  report.type = "rate_limited";
  report.value = "GET https://api.example: 429";
  report.tags = {{"kind", "monzo.transaction_pull"}, {"queue", "fetch"}, {"service", ""}};
  report.fingerprint = {"monzo.transaction_pull", "rate_limited"};
  const auto lines = lines_of(make_sentry_envelope(
    report, {.environment = "production", .release = "penstock@1.0", .server_name = "pump", .version = "1.0"},
    "9ec79c33ec9942ab8353589fcb2e04dc", now + 1s));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], R"({"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","sent_at":"2026-03-08T00:00:01Z",)"
                      R"("sdk":{"name":"penstock","version":"1.0"}})");
  EXPECT_EQ(lines[1], R"({"type":"event","length":)" + std::to_string(lines[2].size()) +
                        R"(,"content_type":"application/json"})");
  EXPECT_EQ(
    lines[2],
    R"({"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","timestamp":"2026-03-08T00:00:00Z","level":"error",)"
    R"("platform":"other","exception":{"values":[{"type":"rate_limited","value":"GET https://api.example: 429"}]},)"
    R"("environment":"production","release":"penstock@1.0","server_name":"pump",)"
    R"("tags":{"kind":"monzo.transaction_pull","queue":"fetch"},)"
    R"("fingerprint":["monzo.transaction_pull","rate_limited"],"sdk":{"name":"penstock","version":"1.0"}})");
}

TEST(sentry_envelope, WhateverTheReportHoldsItStaysThreeLinesBelowTheLimit) {
  sentry_report report;
  report.type = "a\nb";
  report.value = std::string(2'000'000, 'x') + "\n\xff";
  for (int i = 0; i < 100; ++i)
    report.tags.emplace_back("tag" + std::to_string(i), "line\nbreak \xff" + std::string(1000, 'y'));
  const auto envelope = make_sentry_envelope(report, {}, "0", now);
  EXPECT_LT(envelope.size(), 1024u * 1024);
  const auto lines = lines_of(envelope);
  ASSERT_EQ(lines.size(), 3u);
  const auto event = json::parse(lines[2]).as_object();
  EXPECT_EQ(event.at("tags").as_object().size(), 50u);
  EXPECT_LE(event.at("tags").at("tag0").as_string().size(), 206u) << "200 bytes and what stands for the bad one";
  EXPECT_EQ(event.at("tags").at("tag0").as_string().find('\n'), std::string::npos);
}

} // namespace penstock::net
