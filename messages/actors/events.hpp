#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "messages/actors/announce.hpp"
#include "messages/event.hpp"

namespace penstock::actors {

/// One listener of the bus. Called on the bus's thread; must never block.
class event_subscriber {
public:
  virtual ~event_subscriber() = default;
  /// Whether it wants live-only events too (job.started, job.progress, job.completed).
  [[nodiscard]] virtual bool wants_live() const { return false; }
  /// Takes the event if it wants it. False: its buffer is full or its reader has gone; the bus drops it.
  [[nodiscard]] virtual bool offer(const std::shared_ptr<const event>& value) = 0;
  /// It was dropped; `reason` is one line.
  virtual void dropped(const std::string& reason) = 0;
};

/// Events to fan out, in order: stored ones from the store after their commit, live ones from queues.
struct publish_events {
  std::vector<event> events;
};
struct subscribe_events {
  std::shared_ptr<event_subscriber> subscriber;
};
struct unsubscribe_events {
  std::shared_ptr<event_subscriber> subscriber;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::publish_events)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::subscribe_events)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::unsubscribe_events)

namespace penstock::actors {

/// EVENT BUS: one a node. Fans events out after the commit; a slow listener is dropped, never waited for.
using event_bus_actor = caf::typed_actor<caf::reacts_to<publish_events>, caf::reacts_to<subscribe_events>,
                                         caf::reacts_to<unsubscribe_events>>;

} // namespace penstock::actors
