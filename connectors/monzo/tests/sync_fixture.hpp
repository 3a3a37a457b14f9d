#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "connectors/monzo/tests/small_monzo.hpp"
#include "connectors/testing/run_driver.hpp"
#include "core/rfc3339.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::monzo {

inline constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// Whole runs of the connector against a small Monzo with one account, acc_1.
class monzo_sync : public ::testing::Test {
protected:
  monzo_sync() {
    bank.now = today;
    bank.accounts = {account_json("acc_1", "2022-06-01T00:00:00Z")};
    bank.transactions["acc_1"] = {};
  }

  void add(const std::string& id, timestamp created, bool settled = true) {
    bank.transactions["acc_1"].push_back({.id = id, .created = created, .settled = settled});
  }

  testing::run_report run(testing::job_order order = testing::job_order::as_enqueued) {
    const auto before = provider.requests().size();
    auto report = driver.run(provider, order);
    EXPECT_THAT(report.violations, ::testing::IsEmpty());
    asked.clear();
    for (auto at = before; at < provider.requests().size(); ++at)
      asked.push_back(net::parse_url(provider.requests()[at].url).value());
    return report;
  }

  /// Requests for transactions from number `first` (from 1, of those to come) on get another answer.
  void disturb_transactions(std::size_t first, testing::disturbance instead) {
    const auto asked_so_far = std::make_shared<std::size_t>(0);
    provider.disturb(1, 100'000, [=](const net::http_request& request, const testing::answer_function& healthy) {
      const bool meant = net::parse_url(request.url).value().path == "/transactions" && ++*asked_so_far >= first;
      return meant ? instead(request, healthy) : healthy(request);
    });
  }
  void disturb_nothing() { provider.disturb(0, 0, nullptr); }

  /// How often a path was asked for in the last run.
  std::size_t times_asked(std::string_view path) const {
    std::size_t times = 0;
    for (const auto& url : asked)
      times += url.path == path ? 1 : 0;
    return times;
  }
  /// `since` of each request for transactions in the last run.
  std::vector<std::string> sinces() const { return values("since"); }
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& url : asked)
      if (url.path == "/transactions")
        all.emplace_back(net::find_parameter(net::parse_query(url.query), name).value_or(""));
    return all;
  }

  std::vector<std::string> stored_ids() const {
    return column("SELECT source_id FROM monzo_transactions ORDER BY created_at");
  }

  const stream_cursor& cursor() { return driver.cursors["transactions/acc_1"]; }

  /// The first column of what a query finds, as text.
  std::vector<std::string> column(const std::string& sql) const {
    std::vector<std::string> all;
    for (const auto& row : driver.tables.select(sql).rows) {
      const auto* number = std::get_if<std::int64_t>(&row.front());
      const auto* text = std::get_if<std::string>(&row.front());
      all.push_back(number ? std::to_string(*number) : text ? *text : "NULL");
    }
    return all;
  }

  small_monzo bank;
  testing::provider_stand_in provider{
    [this](const net::http_request& request) -> result<net::http_response> { return bank.answer(request); }};
  testing::run_driver driver{built_monzo(2), "monzo", today};
  std::vector<net::url> asked;
};

} // namespace penstock::connectors::monzo
