// Apart from node_port.cpp, for the weight of CAF's headers: this needs an actor of its own.
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/engine.hpp"
#include "gateway/node_port.hpp"

namespace penstock::gateway {
namespace {

/// The writer may have a large commit before it, or wait for another process's lock.
constexpr auto writer_patience = std::chrono::seconds(8);

/// What callers are to do about it is to come back, whatever it is.
result<void> outcome_of(std::optional<error> refused) {
  if (!refused)
    return {};
  if (refused->code != error_code::storage_full && refused->code != error_code::storage_busy)
    refused->code = error_code::unavailable;
  return failure(std::move(*refused));
}

} // namespace

net::asio::awaitable<result<void>> node_port::takes_writes() {
  auto begin = [this](std::shared_ptr<watched_answer<void>> waiting) {
    handles_->store.home_system().spawn(
      [store = handles_->store, waiting = std::move(waiting)](caf::event_based_actor* self) {
        self->request(store, writer_patience, actors::writes_query{})
          .then(
            [self, waiting](actors::writes_state& told) {
              waiting->give(outcome_of(std::move(told.refused)));
              self->quit(); // at once: the timer of an answered request would keep the actor until it fires
            },
            [self, waiting](const caf::error&) {
              waiting->give(failure(error_code::unavailable, "the database's writer does not answer; try again"));
              self->quit();
            });
      });
  };
  auto outcome = co_await ask<void>(std::move(begin));
  co_return outcome;
}

} // namespace penstock::gateway
