#include "actors/commit_port.hpp"

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "net/resume_batch.hpp"

namespace penstock::actors {
namespace {

struct forward_units {};

using completion = std::function<void(result<unit_result>)>;

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::forward_units)

namespace penstock::actors {
namespace {

using private_actor = commit_port_actor::extend<caf::reacts_to<forward_units>>;

struct commit_port_state {
  static constexpr const char* name = "commit_port";
  // Declared so that this is no aggregate: CAF would build one from the actor pointer by its first member.
  commit_port_state() = default;
  store_writer_actor store;
  std::size_t capacity = 0, open = 0;
  std::vector<unit_of_work> units;
  std::vector<completion> completions;
  std::unordered_map<std::uint64_t, std::vector<completion>> waiting;
  std::uint64_t last_token = 0;
  std::optional<error> closed_because;

  ~commit_port_state() {
    const auto refuse = [](completion& done) {
      done(failure(error_code::unavailable, "the node is stopping; the outcome of this write is unknown"));
    };
    for (auto& [token, group] : waiting)
      for (auto& done : group)
        refuse(done);
    for (auto& done : completions)
      refuse(done);
  }

  void settle(commit_answer& answer) {
    auto found = waiting.find(answer.token);
    if (found == waiting.end())
      return;
    auto group = std::move(found->second);
    waiting.erase(found);
    open -= group.size();
    net::resume_batch together;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (answer.failed)
        group[i](failure(*answer.failed));
      else if (answer.units[i].refused)
        group[i](failure(std::move(*answer.units[i].refused)));
      else
        group[i](std::move(answer.units[i]));
    }
  }
};

private_actor::behavior_type commit_port(private_actor::stateful_pointer<commit_port_state> self,
                                         store_writer_actor store, std::size_t capacity) {
  self->state.store = std::move(store);
  self->state.capacity = capacity;
  return {
    [self](submit_unit& submitted) {
      auto& state = self->state;
      if (state.open >= state.capacity) {
        submitted.done(failure(error_code::unavailable, "too many writes wait for the database; try again shortly"));
        return;
      }
      if (state.closed_because && !submitted.unit.jobs.empty()) {
        submitted.done(failure(*state.closed_because));
        return;
      }
      ++state.open;
      if (state.units.empty())
        self->send(self, forward_units{});
      state.units.push_back(std::move(submitted.unit));
      state.completions.push_back(std::move(submitted.done));
    },
    [self](commit_answer& answer) { self->state.settle(answer); },
    [self](set_intake& word) { self->state.closed_because = std::move(word.closed_because); },
    [self](const forward_units&) {
      auto& state = self->state;
      const auto token = ++state.last_token;
      state.waiting.emplace(token, std::exchange(state.completions, {}));
      self->send(state.store, commit_request{token, std::exchange(state.units, {}), {},
                                             caf::actor_cast<commit_client_actor>(self)});
    },
  };
}

} // namespace

commit_port_actor spawn_commit_port(caf::actor_system& system, store_writer_actor store, std::size_t capacity) {
  return system.spawn(commit_port, std::move(store), capacity);
}

} // namespace penstock::actors
