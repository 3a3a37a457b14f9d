#pragma once

#include <functional>
#include <string>

#include <caf/fwd.hpp>

#include "core/random.hpp"
#include "messages/actors/scheduler.hpp"

namespace penstock::actors {

struct scheduler_config {
  store_writer_actor store;
  store_reader_actor reader;
  const wall_clock* clock = nullptr;
  random_source* random = nullptr; ///< for jitter; null: none
  /// A job is to make way (overlap policy cancel_running): it runs, or (`stored`) it waited and the store has
  /// cancelled it. Called on the actor's thread.
  std::function<void(job_id job, const std::string& reason, bool stored)> stop_job;
};

/// SCHEDULER
/// Duty: fires schedules. Each firing writes the schedule's last occurrence (compare and set) and enqueues its job in
/// one transaction, in which the schedule's overlap policy decides about jobs of earlier firings. After downtime (or a clock
/// that steps forward) the last missed occurrence is fired if it is young enough, and the others are told. Talks to the store. Remembers the schedules as last read; when
/// it dies the next one reads them again, and nothing fires twice. Never runs a job itself.
scheduler_actor spawn_scheduler(caf::actor_system& system, scheduler_config config);

} // namespace penstock::actors
