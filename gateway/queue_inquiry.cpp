// Apart from node_port.cpp, for the weight of CAF's headers: this needs an actor of its own.
#include <algorithm>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/engine.hpp"
#include "gateway/node_port.hpp"

namespace penstock::gateway {
namespace {

using states = std::vector<actors::queue_state>;

/// The supervisor asks each queue with a limit of two seconds; what takes longer than this is the supervisor itself.
constexpr auto supervisor_patience = std::chrono::seconds(5);

void ask_supervisor(caf::event_based_actor* self, const actors::supervisor_actor& supervisor, bool history,
                    std::shared_ptr<watched_answer<states>> waiting) {
  self->request(supervisor, supervisor_patience, actors::queue_states_request{history})
    .then(
      [self, waiting](actors::queue_states& told) {
        waiting->give(std::move(told.queues));
        self->quit(); // at once: the timer of an answered request would keep the actor until it fires
      },
      [self, waiting](const caf::error&) {
        waiting->give(failure(error_code::unavailable, "the queues do not answer; try again"));
        self->quit();
      });
}

} // namespace

net::asio::awaitable<result<states>> node_port::queue_states(bool history) {
  auto begin = [this, history](std::shared_ptr<watched_answer<states>> waiting) {
    auto& system = handles_->supervisor.home_system();
    system.spawn(
      [supervisor = handles_->supervisor, history, waiting = std::move(waiting)](caf::event_based_actor* self) mutable {
        ask_supervisor(self, supervisor, history, std::move(waiting));
      });
  };
  auto outcome = co_await ask<states>(std::move(begin));
  co_return outcome;
}

net::asio::awaitable<result<job_id>> node_port::run_one_of(std::string queue) {
  auto begin = [this, queue = std::move(queue)](std::shared_ptr<watched_answer<job_id>> waiting) {
    auto& system = handles_->supervisor.home_system();
    system.spawn(
      [supervisor = handles_->supervisor, queue, waiting = std::move(waiting)](caf::event_based_actor* self) mutable {
        self->request(supervisor, supervisor_patience, actors::run_one_of_queue{queue})
          .then(
            [self, waiting](const actors::one_started& told) {
              waiting->give(told.job);
              self->quit();
            },
            [self, waiting](const caf::error&) {
              waiting->give(failure(error_code::unavailable, "the queue does not answer; try again"));
              self->quit();
            });
      });
  };
  auto outcome = co_await ask<job_id>(std::move(begin));
  co_return outcome;
}

} // namespace penstock::gateway
