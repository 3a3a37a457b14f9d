#pragma once

#include <caf/fwd.hpp>

#include "connectors/catalogue.hpp"
#include "messages/actors/store.hpp"
#include "messages/actors/work.hpp"

namespace penstock::actors {

struct processor_config {
  const connectors::catalogue* connectors = nullptr;
  store_reader_actor reader;
  const wall_clock* clock = nullptr;
  /// A thread of its own, so that a long parse stops nobody else. False in tests.
  bool detached = true;
};

/// PROCESSOR
/// Duty: runs process handlers, one job after the other, and turns what they throw into errors. Talks to: the queue that
/// gave the order, the reader for payloads. Remembers nothing between orders. Cannot be stopped while a handler is
/// busy: the queue leaves it behind. Never writes.
worker_actor spawn_processor(caf::actor_system& system, processor_config config);

} // namespace penstock::actors
