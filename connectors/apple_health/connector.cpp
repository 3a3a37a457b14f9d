#include "connectors/connector.hpp"

#include <string>
#include <utility>
#include <vector>

#include "connectors/apple_health/kinds.hpp"
#include "connectors/apple_health/tables.hpp"
#include "connectors/args_reader.hpp"

namespace penstock::connectors::apple_health {
namespace {

std::vector<config::setting> settings() {
  constexpr std::int64_t mb = 1024 * 1024;
  return {
    {.key = "webhook_secret",
     .type = config::setting_type::secret,
     .doc = "Serves for exports while there is one integration of apple_health. Default: only its own secret does.",
     .environment = "APPLE_HEALTH_WEBHOOK_SECRET",
     .example = "a long random text"},
    {.key = "max_workout",
     .type = config::setting_type::size,
     .default_text = "4MB",
     .doc = "Of a workout whose JSON is larger, lists (route, heart rate) are left out; so many bytes go into one row.",
     .least = mb,
     .most = 64 * mb},
  };
}

/// Nothing about an integration is to be chosen.
result<void> validate(std::string_view config) {
  const args_reader reader("config of an apple_health integration", config, {});
  if (reader.problem())
    return failure(*reader.problem());
  return {};
}

service webhook_service(std::string shared_secret) {
  service offered;
  offered.name = "apple_health";
  offered.title = "Apple Health";
  offered.default_frequency = duration{0}; // the phone sends by itself
  offered.validate = validate;
  webhook_intake intake;
  intake.kind = "apple_health.hook";
  intake.kept_headers = {"automation-name", "automation-id", "automation-aggregation", "automation-period",
                         "session-id"};
  intake.shared_secret = std::move(shared_secret);
  offered.webhook = std::move(intake);
  return offered;
}

build_result build(const config::section& section) {
  connector built;
  built.name = "apple_health";
  const auto most = static_cast<std::size_t>(section.integer("max_workout"));
  built.handlers = {hook(), metric_data(), merge_sources(), workout_data(most), record_data(most)};
  built.services = {webhook_service(section.text("webhook_secret"))};
  built.tables = tables();
  built.migrations = migrations();
  return built;
}

} // namespace

void register_connector(registry& out) {
  out.add({.name = "apple_health",
           .summary = "What the app Health Auto Export sends of Apple Health: metrics, workouts and records.",
           .settings = settings(),
           .enabled_by_default = true,
           .build = build});
}

} // namespace penstock::connectors::apple_health
