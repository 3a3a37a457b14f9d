#include "actors/store_reader.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace penstock::actors {
namespace {

struct store_reader_state {
  static constexpr const char* name = "store_reader";
  std::shared_ptr<storage::read_session> session;
};

store_reader_actor::behavior_type store_reader(store_reader_actor::stateful_pointer<store_reader_state> self,
                                               std::shared_ptr<storage::read_session> session) {
  self->state.session = std::move(session);
  return {
    [self](const read_task& task) { task.run(*self->state.session); },
    [self](const read_query& query) { return read_answer{query.run(*self->state.session)}; },
  };
}

} // namespace

store_reader_actor spawn_store_reader(caf::actor_system& system, std::shared_ptr<storage::read_session> session,
                                      bool detached) {
  return detached ? system.spawn<caf::detached>(store_reader, std::move(session))
                  : system.spawn(store_reader, std::move(session));
}

} // namespace penstock::actors
