#include "actors/event_bus.hpp"

#include <algorithm>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace penstock::actors {
namespace {

struct event_bus_state {
  static constexpr const char* name = "event_bus";
  event_bus_config config;
  std::vector<std::shared_ptr<event_subscriber>> subscribers;
  bool live_wanted = false;

  ~event_bus_state() {
    for (const auto& each : subscribers)
      each->dropped("the event bus stopped");
  }

  void publish(const std::shared_ptr<const event>& value) {
    const bool live_only = value->position == 0;
    const auto lost = std::remove_if(subscribers.begin(), subscribers.end(), [&](const auto& each) {
      if ((live_only && !each->wants_live()) || each->offer(value))
        return false;
      each->dropped("it did not read its events in time");
      return true;
    });
    if (lost != subscribers.end()) {
      subscribers.erase(lost, subscribers.end());
      tell_interest();
    }
  }

  void tell_interest() {
    const bool wanted = std::any_of(subscribers.begin(), subscribers.end(),
                                    [](const auto& each) { return each->wants_live(); });
    if (std::exchange(live_wanted, wanted) != wanted && config.live_interest)
      config.live_interest(wanted);
  }
};

event_bus_actor::behavior_type event_bus(event_bus_actor::stateful_pointer<event_bus_state> self,
                                         event_bus_config config) {
  self->state.config = std::move(config);
  return {
    [self](publish_events& message) {
      for (auto& each : message.events)
        self->state.publish(std::make_shared<const event>(std::move(each)));
    },
    [self](subscribe_events& message) {
      self->state.subscribers.push_back(std::move(message.subscriber));
      self->state.tell_interest();
    },
    [self](const unsubscribe_events& message) {
      auto& all = self->state.subscribers;
      all.erase(std::remove(all.begin(), all.end(), message.subscriber), all.end());
      self->state.tell_interest();
    },
  };
}

} // namespace

event_bus_actor spawn_event_bus(caf::actor_system& system, event_bus_config config) {
  return system.spawn(event_bus, std::move(config));
}

} // namespace penstock::actors
