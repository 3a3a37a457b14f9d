#pragma once

#include <caf/fwd.hpp>

#include "messages/actors/scheduler.hpp"

namespace penstock::actors {

struct scheduler_config {
  store_writer_actor store;
  store_reader_actor reader;
  const wall_clock* clock = nullptr;
};

/// SCHEDULER
/// Duty: fires schedules. Each firing writes the schedule's last occurrence (compare and set) and enqueues its job in
/// one transaction; a job of the schedule that is still there makes the firing skip, which is logged. After downtime the
/// last missed occurrence is fired if it is young enough. Talks to the store. Remembers the schedules as last read; when
/// it dies the next one reads them again, and nothing fires twice. Never runs a job itself.
scheduler_actor spawn_scheduler(caf::actor_system& system, scheduler_config config);

} // namespace penstock::actors
