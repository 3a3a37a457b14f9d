#include "actors/engine_kinds.hpp"

#include <string>

namespace penstock::actors {

using namespace std::chrono_literals;

void add_engine_kinds(job_kind_catalogue& catalogue) {
  catalogue.add({.name = std::string(integration_process_kind), .queue = "default", .style = handler_style::engine,
                 .max_attempts = 4, .backoff = backoff_policy::list({60s, 300s, 600s}), .timeout = 5min});
  catalogue.add({.name = std::string(check_updates_kind), .queue = "default", .style = handler_style::engine,
                 .max_attempts = 1, .timeout = 60s});
  catalogue.add({.name = std::string(integration_fetch_kind), .queue = "default", .style = handler_style::engine,
                 .max_attempts = 4, .backoff = backoff_policy::list({60s, 300s, 600s}), .timeout = 60s});
}

schedule check_updates_schedule() {
  schedule check;
  check.name = "check-integration-updates";
  check.rule = "every 30s";
  check.kind = std::string(check_updates_kind);
  return check;
}

} // namespace penstock::actors
