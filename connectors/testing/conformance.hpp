#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/testing/provider_stand_in.hpp"
#include "connectors/testing/run_driver.hpp"

/// The exam that every connector takes: how it behaves when its provider does not. A connector describes itself by one
/// connector_subject and is examined by one line in one of its tests:
///
///   INSTANTIATE_TEST_SUITE_P(monzo, connector_conformance, ::testing::Values(monzo_subject()));
///
/// after including conformance_suite.hpp, which holds the questions.
namespace penstock::connectors::testing {

struct connector_subject {
  std::string name;
  std::function<connector()> build;
  std::string service; ///< whose first jobs begin a run; empty: `first_jobs` do
  std::function<std::vector<job_request>()> first_jobs;
  timestamp now = no_time; ///< when the tests take place
  /// A healthy provider that holds so many items, each time the same. Empty: the connector asks nobody, all that it stores
  /// is delivered; its runs must send no request.
  std::function<answer_function(std::int64_t items)> healthy;
  std::int64_t page_size = 100;
  std::string table; ///< where items land, one row each; empty: the connector stores none
  /// Bodies that parse and are not what they should be; empty: the connector does not read bodies.
  std::vector<std::string> misshapen;
  /// Bodies that the provider sends to a service that takes webhooks; such a service must have some.
  std::vector<std::string> deliveries;
  /// What a run ends in whose tokens are refused, whatever replaces them: who has to help.
  error_code when_refused = error_code::requires_reauth;
  /// Beside the tokens, what must never be written anywhere.
  std::vector<std::string> secrets;

  [[nodiscard]] bool asks_a_provider() const { return static_cast<bool>(healthy); }
  [[nodiscard]] bool stores_items() const { return !table.empty(); }
  [[nodiscard]] bool reads_bodies() const { return !misshapen.empty(); }
};

inline void PrintTo(const connector_subject& subject, std::ostream* out) { *out << subject.name; }

/// One subject and what a test needs to run it.
class connector_conformance : public ::testing::TestWithParam<connector_subject> {
protected:
  [[nodiscard]] const connector_subject& subject() const { return GetParam(); }
  [[nodiscard]] run_driver fresh_driver() const;
  /// Enough items for two full pages and a short one.
  [[nodiscard]] std::int64_t several_pages() const { return 2 * subject().page_size + 1; }
  [[nodiscard]] provider_stand_in provider_with(std::int64_t items) const;
  run_report run(run_driver& driver, net::http_client& provider, job_order order = job_order::as_enqueued) const;
  /// How many requests an undisturbed first run makes.
  [[nodiscard]] std::size_t requests_of_a_run() const;

  /// Runs anew for each request of a run, that one disturbed, and checks what it ended in.
  void disturb_each_request(const disturbance& instead,
                            const std::function<void(const run_driver&, const run_report&)>& check) const;
  /// Each request once: one failed attempt of this code, and all rows in the end.
  void expect_recovery(const disturbance& instead, error_code code) const;
  /// Each request once: an error of this code, and no further attempt of that job.
  void expect_final(const disturbance& instead, error_code code) const;

  /// Each service of the connector that takes webhooks.
  [[nodiscard]] std::vector<service> services_with_webhooks() const;
  /// What comes of one delivery, as its job gets it.
  run_report deliver(run_driver& driver, const webhook_intake& intake, std::string body) const;

  /// The rows of an undisturbed run, as text.
  [[nodiscard]] std::vector<std::string> rows_of_a_run(std::int64_t items) const;
  [[nodiscard]] std::vector<std::string> rows_in(const run_driver& driver, bool versions = true) const;
  void expect_no_secret(const run_report& report) const;
};

/// Answers always with this status and body.
[[nodiscard]] disturbance always(int status, std::string body = "{}", net::http_headers headers = {});
/// Fails always with this error.
[[nodiscard]] disturbance always_error(error_code code);
/// Cuts the healthy answer's body to this part of its length (0 to below 1).
[[nodiscard]] disturbance cut_to(double part);

} // namespace penstock::connectors::testing
