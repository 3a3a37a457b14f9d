#pragma once

#include <functional>

#include <caf/fwd.hpp>

#include "actors/queue_engine.hpp"
#include "messages/actors/events.hpp"
#include "messages/actors/queue.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

struct queue_config {
  queue_rules rules;
  store_writer_actor store;
  store_reader_actor reader;
  event_bus_actor bus;
  suspect_listener_actor recovery; ///< null: nobody leads a recovery
  /// A worker of that style. Processors are asked for once a slot and kept; fetchers once a turn; engine work goes to
  /// one worker for all.
  std::function<worker_actor(handler_style)> make_worker;
  const job_kind_catalogue* kinds = nullptr;
  const wall_clock* clock = nullptr;
  random_source* random = nullptr;
};

/// QUEUE
/// Duty: gives waiting jobs to worker slots in order, makes claims and ends durable, watches timeouts. Talks to: the
/// store (commits, refills), workers (orders), the event bus (live events), the supervisor (suspects, drain).
/// Remembers: a bounded window of waiting jobs and what its slots run. When it dies, the supervisor starts another,
/// which reads the waiting jobs again; what the old one's workers still do is never committed. Never blocks.
queue_actor spawn_queue(caf::actor_system& system, queue_config config);

} // namespace penstock::actors
