#pragma once

#include <functional>
#include <utility>

#include <caf/typed_event_based_actor.hpp>

#include "actors/queue.hpp"

namespace penstock::actors::testing {

/// In the place of a queue, for tests of those who start and command it.
struct stub_queue {
  std::function<void(const command_queue& word)> heard = [](const command_queue&) {};
  bool drains = true; ///< else it never says that it is done

  [[nodiscard]] queue_actor spawn(caf::actor_system& system) const {
    return system.spawn([stub = *this](queue_actor::pointer self) -> queue_actor::behavior_type {
      return {[](jobs_ready&) {},
              [](jobs_given&) {},
              [](groups_blocked&) {},
              [](commit_answer&) {},
              [](work_done&) {},
              [](progress_report&) {},
              [](hold_off_report&) {},
              [heard = stub.heard](const command_queue& word) { heard(word); },
              [](const run_suspect&) {},
              [](const cancel_running&) {},
              [self, drains = stub.drains](const drain_queue&) -> caf::result<queue_drained> {
                if (drains)
                  return queue_drained{};
                return self->make_response_promise<queue_drained>();
              },
              [](const hand_back&) {},
              [](const live_interest&) {},
              [](const run_one&) { return one_started{}; },
              [](const queue_state_request&) { return queue_state{}; }};
    });
  }
};

} // namespace penstock::actors::testing
