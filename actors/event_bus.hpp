#pragma once

#include <functional>

#include <caf/fwd.hpp>

#include "messages/actors/events.hpp"

namespace penstock::actors {

struct event_bus_config {
  /// Called when the first listener for live-only events comes and when the last one goes.
  std::function<void(bool wanted)> live_interest;
};

/// EVENT BUS
/// Duty: fans events out to listeners after their commit, in order. A listener that cannot take an event is dropped
/// with a reason; nobody waits for it. Remembers its listeners alone: events lie in the store. When it dies listeners
/// are dropped, and resume from the store by position.
event_bus_actor spawn_event_bus(caf::actor_system& system, event_bus_config config);

} // namespace penstock::actors
