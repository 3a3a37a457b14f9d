#pragma once

#include <utility>

#include "connectors/connector.hpp"

namespace penstock::gateway::testing {

/// Service "hook", to whose integrations anybody sends who knows the secret; `take` sees to each delivery.
inline connectors::connector hook_connector(connectors::process_handler take) {
  connectors::connector made;
  made.name = "hook";
  auto kind = job_kind::webhook("hook.delivery");
  kind.queue = "default";
  made.handlers.push_back({kind, std::move(take)});
  connectors::service service;
  service.name = "hook";
  service.title = "Hook";
  service.default_frequency = duration{0};
  service.webhook.emplace().kind = "hook.delivery";
  made.services.push_back(std::move(service));
  return made;
}

} // namespace penstock::gateway::testing
