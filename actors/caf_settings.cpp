#include "actors/caf_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <thread>

#include <caf/atom.hpp>

namespace penstock::actors {

void apply_engine_settings(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", std::max<std::size_t>(std::thread::hardware_concurrency(), 2));
  config.set("logger.file-verbosity", caf::atom("quiet"));
  config.set("logger.console-verbosity", caf::atom("quiet"));
}

} // namespace penstock::actors
