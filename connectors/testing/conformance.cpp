#include "connectors/testing/conformance.hpp"

#include <algorithm>
#include <utility>

namespace penstock::connectors::testing {

run_driver connector_conformance::fresh_driver() const {
  return run_driver(subject().build(), subject().service, subject().now);
}

provider_stand_in connector_conformance::provider_with(std::int64_t items) const {
  if (subject().asks_a_provider())
    return provider_stand_in(subject().healthy(items));
  return provider_stand_in([](const net::http_request&) -> result<net::http_response> {
    return failure(error_code::network, "nobody is to be asked");
  });
}

run_report connector_conformance::run(run_driver& driver, net::http_client& provider, job_order order) const {
  auto report =
    subject().service.empty() ? driver.run(provider, subject().first_jobs(), order) : driver.run(provider, order);
  for (const auto& violation : report.violations)
    ADD_FAILURE() << violation;
  expect_no_secret(report);
  return report;
}

std::size_t connector_conformance::requests_of_a_run() const {
  auto provider = provider_with(several_pages());
  auto driver = fresh_driver();
  const auto report = run(driver, provider);
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(!provider.requests().empty(), subject().asks_a_provider());
  return provider.requests().size();
}

void connector_conformance::disturb_each_request(
  const disturbance& instead, const std::function<void(const run_driver&, const run_report&)>& check) const {
  const auto requests = requests_of_a_run();
  for (std::size_t number = 1; number <= requests; ++number) {
    SCOPED_TRACE("request " + std::to_string(number) + " of " + std::to_string(requests));
    auto provider = provider_with(several_pages());
    provider.disturb(number, number, instead);
    auto driver = fresh_driver();
    const auto report = run(driver, provider);
    check(driver, report);
  }
}

void connector_conformance::expect_recovery(const disturbance& instead, error_code code) const {
  const auto expected = rows_of_a_run(several_pages());
  disturb_each_request(instead, [&](const run_driver& driver, const run_report& report) {
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(to_string(report.failures.front().problem.code), to_string(code));
    EXPECT_NE(report.failures.front().problem.cls(), error_class::final);
    EXPECT_EQ(report.jobs_failed, 0u);
    EXPECT_EQ(rows_in(driver), expected);
  });
}

void connector_conformance::expect_final(const disturbance& instead, error_code code) const {
  const auto expected = rows_of_a_run(several_pages());
  disturb_each_request(instead, [&](const run_driver& driver, const run_report& report) {
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(to_string(report.failures.front().problem.code), to_string(code));
    EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
    EXPECT_EQ(report.jobs_failed, 1u);
    // What came before the trouble stays.
    const auto stored = rows_in(driver);
    EXPECT_LE(stored.size(), expected.size());
    EXPECT_TRUE(std::includes(expected.begin(), expected.end(), stored.begin(), stored.end()));
  });
}

std::vector<service> connector_conformance::services_with_webhooks() const {
  auto services = subject().build().services;
  std::erase_if(services, [](const service& each) { return !each.webhook; });
  return services;
}

run_report connector_conformance::deliver(run_driver& driver, const webhook_intake& intake, std::string body) const {
  job_request job;
  job.kind = intake.kind;
  job.args = intake.kept_headers.empty() ? "{}" : R"({"headers":{}})";
  job.payload = std::move(body);
  auto provider = provider_with(0);
  auto report = driver.run(provider, std::vector{std::move(job)}, job_order::as_enqueued);
  for (const auto& violation : report.violations)
    ADD_FAILURE() << violation;
  // What a provider sent may stand in what is stored of it; it must not stand in messages.
  for (const auto& failed : report.failures)
    for (const auto& secret : subject().secrets)
      EXPECT_EQ(failed.problem.message.find(secret), std::string::npos) << failed.problem.message;
  return report;
}

std::vector<std::string> connector_conformance::rows_of_a_run(std::int64_t items) const {
  auto provider = provider_with(items);
  auto driver = fresh_driver();
  run(driver, provider);
  return rows_in(driver);
}

std::vector<std::string> connector_conformance::rows_in(const run_driver& driver, bool versions) const {
  if (!subject().stores_items())
    return {};
  auto rows = driver.tables.dump(subject().table, versions);
  std::sort(rows.begin(), rows.end());
  return rows;
}

void connector_conformance::expect_no_secret(const run_report& report) const {
  auto secrets = subject().secrets;
  secrets.push_back("token-SECRET");
  auto texts = report.texts;
  for (const auto& failed : report.failures)
    texts.push_back(failed.problem.message);
  for (const auto& text : texts)
    for (const auto& secret : secrets)
      EXPECT_EQ(text.find(secret), std::string::npos) << "a secret in: " << text;
}

disturbance always(int status, std::string body, net::http_headers headers) {
  return [=](const net::http_request&, const answer_function&) -> result<net::http_response> {
    return answer(status, body, headers);
  };
}

disturbance always_error(error_code code) {
  return [=](const net::http_request&, const answer_function&) -> result<net::http_response> {
    return failure(code, "disturbed on purpose");
  };
}

disturbance cut_to(double part) {
  return [=](const net::http_request& request, const answer_function& healthy) {
    auto whole = healthy(request);
    if (whole)
      whole->body.resize(static_cast<std::size_t>(part * static_cast<double>(whole->body.size())));
    return whole;
  };
}

} // namespace penstock::connectors::testing
