#pragma once

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "connectors/http_json/tests/small_shop.hpp"
#include "connectors/testing/run_driver.hpp"
#include "net/query.hpp"
#include "net/url.hpp"

namespace penstock::connectors::http_json {

constexpr timestamp today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// Whole runs against a small shop.
class http_json_sync : public ::testing::Test {
protected:
  void open(const table_values& more = {}, std::int64_t page_size = 2) {
    driver = std::make_unique<testing::run_driver>(built_shop(shop, page_size, more), "shop", today);
  }
  void add(const std::string& id, timestamp updated, std::int64_t price = 100) {
    shop.items.push_back({id, updated, price});
  }

  testing::run_report run() {
    const auto before = provider.requests().size();
    auto report = driver->run(provider);
    EXPECT_THAT(report.violations, ::testing::IsEmpty());
    asked.clear();
    for (auto at = before; at < provider.requests().size(); ++at)
      asked.push_back(net::parse_url(provider.requests()[at].url).value());
    return report;
  }
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& url : asked)
      all.emplace_back(net::find_parameter(net::parse_query(url.query), name).value_or(""));
    return all;
  }
  std::vector<std::string> stored(const std::string& what) const {
    std::vector<std::string> all;
    for (const auto& row : driver->tables.select("SELECT " + what + " FROM v_shop_items ORDER BY source_id").rows)
      all.push_back(std::holds_alternative<std::monostate>(row.front()) ? "NULL"
                    : std::holds_alternative<std::int64_t>(row.front())
                      ? std::to_string(std::get<std::int64_t>(row.front()))
                      : std::get<std::string>(row.front()));
    return all;
  }
  std::string cursor() { return driver->cursors["items"].cursor; }
  /// The only failure of a run.
  static std::string failure_of(const testing::run_report& report) {
    return report.failures.size() == 1 ? report.failures.front().problem.message : "not one failure";
  }

  small_shop shop;
  testing::provider_stand_in provider{[this](const net::http_request& request) -> result<net::http_response> {
    return instead ? instead(request) : shop.answer(request);
  }};
  testing::answer_function instead;
  std::unique_ptr<testing::run_driver> driver;
  std::vector<net::url> asked;
};

} // namespace penstock::connectors::http_json
