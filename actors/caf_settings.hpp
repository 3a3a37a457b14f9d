#pragma once

#include <caf/actor_system_config.hpp>

namespace penstock::actors {

/// How CAF is to run an engine: one thread a core (two at least), which sleep while there is nothing to do, and no log
/// of its own. CAF's default policy lets idle threads look for work every few microseconds to milliseconds; threads
/// that wait cost an idle node nothing and drain a backlog a tenth faster (bench/README.md).
void apply_engine_settings(caf::actor_system_config& config);

} // namespace penstock::actors
