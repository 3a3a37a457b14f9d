#pragma once

#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/testing/run_driver.hpp"

namespace penstock::connectors::apple_health {

/// As its defaults make it.
[[nodiscard]] connector built_apple_health(std::int64_t max_workout = 4 * 1024 * 1024);

[[nodiscard]] std::string fixture(const std::string& name);

/// A metric with its points, each a JSON text.
[[nodiscard]] std::string metric_json(const std::string& name, const std::string& units,
                                      const std::vector<std::string>& points);
/// An export with these metrics.
[[nodiscard]] std::string export_json(const std::vector<std::string>& metrics);
/// {"date": …, "qty": …}, `minute` minutes after the start of 2026.
[[nodiscard]] std::string point_json(std::int64_t minute, const std::string& qty);

/// A phone, a node's jobs, and tables: what becomes of deliveries.
class export_driver {
public:
  explicit export_driver(connector subject = built_apple_health());
  testing::run_report deliver(std::string body);

  testing::run_driver driver;
};

} // namespace penstock::connectors::apple_health
