#pragma once

#include <chrono>
#include <string>

#include "connectors/testing/conformance.hpp"

/// The questions of the exam. Included by one test file of each connector (in a library, nobody would name them and the
/// linker would drop them).
namespace penstock::connectors::testing {

TEST_P(connector_conformance, EmptyPageEndsCleanly) {
  auto provider = provider_with(0);
  auto driver = fresh_driver();
  EXPECT_TRUE(run(driver, provider).clean());
  EXPECT_TRUE(rows_in(driver).empty());
}

TEST_P(connector_conformance, LastPageEndsTheStreamWhetherFullOrShort) {
  for (const auto items : {std::int64_t{1}, subject().page_size - 1, subject().page_size, subject().page_size + 1,
                           2 * subject().page_size, several_pages()}) {
    SCOPED_TRACE(std::to_string(items) + " items");
    for (const auto order : {job_order::as_enqueued, job_order::fetch_first}) {
      auto provider = provider_with(items);
      auto driver = fresh_driver();
      const auto report = run(driver, provider, order);
      EXPECT_TRUE(report.clean());
      if (!subject().asks_a_provider()) {
        EXPECT_TRUE(provider.requests().empty());
      } else if (subject().stores_items()) {
        EXPECT_EQ(rows_in(driver).size(), static_cast<std::size_t>(items));
      }
    }
  }
}

TEST_P(connector_conformance, NextRunGoesOnFromTheCommittedCursor) {
  auto provider = provider_with(several_pages());
  auto driver = fresh_driver();
  run(driver, provider);
  const auto rows = rows_in(driver);
  const auto first_run = provider.requests().size();
  const auto report = run(driver, provider);
  EXPECT_TRUE(report.clean());
  EXPECT_FALSE(report.rows.changed());
  EXPECT_EQ(rows_in(driver), rows);
  EXPECT_LE(provider.requests().size() - first_run, first_run);
}

TEST_P(connector_conformance, ItemsKeepTheirKeyWhenReadAgain) {
  auto provider = provider_with(several_pages());
  auto driver = fresh_driver();
  run(driver, provider);
  const auto rows = rows_in(driver);
  driver.cursors.clear();
  const auto report = run(driver, provider);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.rows.added, 0);
  EXPECT_EQ(rows_in(driver), rows);
}

TEST_P(connector_conformance, RefusedTokenIsReplacedOnceAndTheRequestSentAgain) {
  const auto expected = rows_of_a_run(several_pages());
  for (const std::string code :
       {"unauthorized.bad_access_token.expired", "unauthorized.bad_access_token.evicted", "invalid_token"}) {
    SCOPED_TRACE(code);
    disturb_each_request(always(401, R"({"code":")" + code + R"("})"),
                         [&](const run_driver& driver, const run_report& report) {
                           EXPECT_TRUE(report.clean());
                           EXPECT_EQ(driver.tokens.rejected(), std::vector<std::string>{"token-SECRET-1"});
                           EXPECT_EQ(rows_in(driver), expected);
                         });
  }
}

TEST_P(connector_conformance, TokenThatIsNeverAcceptedNeedsAPerson) {
  if (!subject().asks_a_provider())
    return;
  auto provider = provider_with(several_pages());
  provider.disturb(1, 1000, always(401, R"({"code":"unauthorized.bad_access_token.evicted"})"));
  auto driver = fresh_driver();
  const auto report = run(driver, provider);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, subject().when_refused);
  EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
  EXPECT_EQ(provider.requests().size(), 2u) << "one request with each token";
  EXPECT_EQ(driver.tokens.rejected().size(), 1u);
}

TEST_P(connector_conformance, RevokedGrantNeedsAPerson) {
  if (!subject().asks_a_provider())
    return;
  auto provider = provider_with(several_pages());
  provider.disturb(1, 1, always(401));
  auto driver = fresh_driver();
  driver.tokens.revoked = true;
  const auto report = run(driver, provider);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, subject().when_refused);
  EXPECT_EQ(provider.requests().size(), 1u);
}

TEST_P(connector_conformance, ForbiddenIsFinal) { expect_final(always(403), error_code::forbidden); }

TEST_P(connector_conformance, UnknownIdIsFinal) { expect_final(always(404), error_code::not_found); }

TEST_P(connector_conformance, RateLimitTellsTheProvidersWish) {
  const duration wish = std::chrono::seconds(45);
  disturb_each_request(always(429, "{}", {{"Retry-After", "45"}}), [&](const run_driver&, const run_report& report) {
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.code, error_code::rate_limited);
    EXPECT_EQ(report.failures.front().problem.retry_after, wish);
    EXPECT_EQ(report.jobs_failed, 0u);
  });
}

TEST_P(connector_conformance, RateLimitWithoutWishIsRetried) { expect_recovery(always(429), error_code::rate_limited); }

TEST_P(connector_conformance, ServerErrorsAreRetried) {
  for (const int status : {500, 502, 503, 504}) {
    SCOPED_TRACE(status);
    expect_recovery(always(status, "<html>no JSON at all"), error_code::provider_unavailable);
  }
}

TEST_P(connector_conformance, TimeoutIsRetried) {
  expect_recovery(always_error(error_code::timed_out), error_code::timed_out);
  expect_recovery(always(408), error_code::timed_out);
}

TEST_P(connector_conformance, TruncatedBodyIsRetried) {
  expect_recovery(always_error(error_code::truncated_body), error_code::truncated_body);
  if (!subject().reads_bodies())
    return;
  for (const double part : {0.0, 0.3, 0.5, 0.999}) {
    SCOPED_TRACE(part);
    expect_recovery(cut_to(part), error_code::truncated_body);
  }
}

TEST_P(connector_conformance, WronglyTypedBodyIsFinal) {
  for (const auto& body : subject().misshapen) {
    SCOPED_TRACE(body);
    expect_final(always(200, body), error_code::unexpected_shape);
  }
}

TEST_P(connector_conformance, EachRequestMayFailOnce) {
  expect_recovery(always_error(error_code::network), error_code::network);
}

TEST_P(connector_conformance, FromEachRequestOnAllMayFailAndTheNextRunGoesOn) {
  const auto expected = rows_of_a_run(several_pages());
  const auto requests = requests_of_a_run();
  for (const auto order : {job_order::as_enqueued, job_order::fetch_first})
    for (std::size_t number = 1; number <= requests; ++number) {
      SCOPED_TRACE("from request " + std::to_string(number) + " on");
      auto provider = provider_with(several_pages());
      provider.disturb(number, 100'000, always_error(error_code::network));
      auto driver = fresh_driver();
      const auto broken = run(driver, provider, order);
      EXPECT_GE(broken.jobs_failed, 1u) << "one of each stream that had begun";
      auto healthy = provider_with(several_pages());
      EXPECT_TRUE(run(driver, healthy, order).clean());
      EXPECT_EQ(rows_in(driver), expected);
    }
}

TEST_P(connector_conformance, NoSecretIsRepeatedFromAProvidersAnswer) {
  // The provider echoes what it was sent, as some do.
  const disturbance echo = [](const net::http_request& request, const answer_function&) -> result<net::http_response> {
    const std::string sent(request.headers.value_or("Authorization", ""));
    return answer(400, R"({"code":")" + sent + R"(","error":")" + sent + R"(","message":")" + sent + R"("})");
  };
  disturb_each_request(echo, [&](const run_driver&, const run_report& report) {
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
  });
}

TEST_P(connector_conformance, WebhooksBecomeJobsThatEnd) {
  for (const auto& offered : services_with_webhooks()) {
    SCOPED_TRACE(offered.name);
    EXPECT_FALSE(subject().deliveries.empty()) << "give the exam bodies that the provider sends";
    for (const auto& body : subject().deliveries) {
      auto driver = fresh_driver();
      EXPECT_TRUE(deliver(driver, *offered.webhook, body).clean()) << body;
    }
  }
}

TEST_P(connector_conformance, WebhookThatComesTwiceChangesNothing) {
  if (!subject().stores_items())
    return;
  for (const auto& offered : services_with_webhooks())
    for (const auto& body : subject().deliveries) {
      auto driver = fresh_driver();
      deliver(driver, *offered.webhook, body);
      // A connector may take a later delivery for a newer version: of what is the same, only that is remembered.
      const auto rows = rows_in(driver, false);
      EXPECT_FALSE(deliver(driver, *offered.webhook, body).rows.changed()) << body;
      EXPECT_EQ(rows_in(driver, false), rows);
    }
}

TEST_P(connector_conformance, AnyWebhookIsTakenOrRefusedForGood) {
  using namespace std::string_literals;
  for (const auto& offered : services_with_webhooks())
    for (const auto& body : {""s, "{"s, "[]"s, "null"s, "{}"s, "\0\xff\xfe"s, std::string(10'000, '['), "<html>"s}) {
      auto driver = fresh_driver();
      const auto report = deliver(driver, *offered.webhook, body);
      for (const auto& failed : report.failures)
        EXPECT_EQ(failed.problem.cls(), error_class::final) << "another try gets the same body: " << body;
    }
}

} // namespace penstock::connectors::testing
