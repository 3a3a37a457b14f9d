#include "connectors/apple_health/tests/small_export.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "connectors/testing/provider_stand_in.hpp"

namespace penstock::connectors::apple_health {

void register_connector(registry& out);

connector built_apple_health(std::int64_t max_workout) {
  registry declared;
  register_connector(declared);
  config::section settings;
  settings.put("webhook_secret", std::string("shared-SECRET"), true);
  settings.put("max_workout", max_workout, false);
  return declared.declarations().front().build(settings).value();
}

std::string fixture(const std::string& name) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/connectors/apple_health/fixtures/" + name);
  if (!file)
    throw std::runtime_error("no fixture " + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string metric_json(const std::string& name, const std::string& units, const std::vector<std::string>& points) {
  std::string all;
  for (const auto& point : points)
    all += (all.empty() ? "" : ", ") + point;
  return R"({"data": [)" + all + R"(], "name": ")" + name + R"(", "units": ")" + units + R"("})";
}

std::string export_json(const std::vector<std::string>& metrics) {
  std::string all;
  for (const auto& metric : metrics)
    all += (all.empty() ? "" : ",\n") + metric;
  return R"({"data": {"metrics": [)" + all + "]}}";
}

std::string point_json(std::int64_t minute, const std::string& qty) {
  const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  constexpr std::int64_t hour = 60, day = 24 * hour;
  return R"({"date": "2026-01-)" + two(1 + minute / day) + ' ' + two(minute % day / hour) + ':' + two(minute % hour) +
         R"(:00 +0000", "qty": )" + qty + R"(, "source": "Sam’s Apple Watch|iPhone"})";
}

export_driver::export_driver(connector subject)
    : driver(std::move(subject), "apple_health", std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}) {}

testing::run_report export_driver::deliver(std::string body) {
  testing::provider_stand_in nobody([](const net::http_request&) -> result<net::http_response> {
    return failure(error_code::network, "nobody is to be asked");
  });
  job_request job;
  job.kind = "apple_health.hook";
  job.args = R"({"headers":{"automation-name":"Health tracker"}})";
  job.payload = std::move(body);
  return driver.run(nobody, std::vector{std::move(job)});
}

} // namespace penstock::connectors::apple_health
