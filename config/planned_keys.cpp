#include "config/planned_keys.hpp"

#include <algorithm>
#include <array>

namespace penstock::config {
namespace {

constexpr std::array<std::string_view, 11> paths{
  "alerts",
  "broadcast",
  "cluster",
  "mail",
  "metrics",
  "modules",
  "retention.webhook_bodies",
  "retention.sync_logs",
  "retention.health_checks",
  "connectors.workstudio",
  "connectors.bank",
};

constexpr std::array<std::string_view, 2> environment_names{"BANK_SYNC_ENABLED", "BANK_SYNC_STAGGER_DELAY_MS"};

} // namespace

bool is_planned(std::string_view path) noexcept {
  return std::any_of(paths.begin(), paths.end(), [path](std::string_view each) {
    return path.starts_with(each) && (path.size() == each.size() || path[each.size()] == '.');
  });
}

bool is_planned_environment(std::string_view name) noexcept {
  return std::find(environment_names.begin(), environment_names.end(), name) != environment_names.end();
}

} // namespace penstock::config
