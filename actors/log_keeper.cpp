#include "actors/log_keeper.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

#include "actors/answer_burst.hpp"
#include "actors/commit_teller.hpp"

namespace penstock::actors {
namespace {

/// Stands behind all that waited in the mailbox when the first of them came: one sync covers them.
struct sync_log {};

} // namespace
} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::sync_log)

namespace penstock::actors {
namespace {

using private_actor = log_keeper_actor::extend<caf::reacts_to<sync_log>>;

struct log_keeper_state {
  static constexpr const char* name = "log_keeper";
  std::shared_ptr<storage::write_session> session;
  std::optional<commit_teller> teller;
  std::vector<stored_group> waiting;

  /// False: the log is lost.
  bool sync() {
    auto covered = std::exchange(waiting, {});
    if (auto durable = session->make_durable(); !durable) {
      spdlog::critical("{}", durable.error().message);
      return false;
    }
    answer_burst together;
    for (auto& each : covered)
      teller->tell(std::move(each));
    return true;
  }
};

private_actor::behavior_type log_keeper(private_actor::stateful_pointer<log_keeper_state> self,
                                        std::shared_ptr<storage::write_session> session, store_listeners listeners) {
  self->state.session = std::move(session);
  self->state.teller.emplace(std::move(listeners));
  self->set_exit_handler([self](const caf::exit_msg& told) {
    // What was sent before is told first.
    self->quit(self->state.sync() ? told.reason : caf::exit_reason::unhandled_exception);
  });
  return {
    [self](stored_group& group) {
      self->state.waiting.push_back(std::move(group));
      if (self->state.waiting.size() == 1)
        self->send(self, sync_log{});
    },
    [self](attach_queue& attached) { self->state.teller->attach(std::move(attached.name), std::move(attached.queue)); },
    // Whoever asks the writer and gets no answer in time learns that the disk stands still.
    [](const writes_query&) { return writes_state{}; },
    [self](const sync_log&) {
      if (!self->state.sync())
        self->quit(caf::exit_reason::unhandled_exception);
    },
  };
}

} // namespace

log_keeper_actor spawn_log_keeper(caf::actor_system& system, std::shared_ptr<storage::write_session> session,
                                  store_listeners listeners) {
  return system.spawn<caf::detached>(log_keeper, std::move(session), std::move(listeners));
}

} // namespace penstock::actors
