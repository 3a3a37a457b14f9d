#include "node/queue_inquiry.hpp"

#include <algorithm>
#include <utility>

#include <caf/scoped_actor.hpp>

#include "actors/queue_facts.hpp"

namespace penstock::node {

result<std::vector<queue_facts>> queue_facts_of(caf::actor_system& system, const actors::supervisor_actor& supervisor,
                                                storage::read_session& db, timestamp now) {
  auto stored = db.jobs().queues(now);
  if (!stored)
    return failure(std::move(stored.error()));
  std::vector<actors::queue_state> live;
  bool answered = false;
  caf::scoped_actor self{system};
  self->request(supervisor, std::chrono::seconds(5), actors::queue_states_request{})
    .receive(
      [&](actors::queue_states& told) {
        live = std::move(told.queues);
        answered = true;
      },
      [](const caf::error&) {});
  if (!answered)
    return failure(error_code::unavailable, "the queues do not answer");
  std::vector<queue_facts> all;
  for (const auto& queue : *stored) {
    const auto state =
      std::find_if(live.begin(), live.end(), [&](const auto& each) { return each.name == queue.name; });
    all.push_back(actors::facts_of(queue, state == live.end() ? nullptr : &*state));
  }
  return all;
}

} // namespace penstock::node
