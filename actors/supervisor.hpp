#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include "actors/queue.hpp"
#include "messages/actors/scheduler.hpp"
#include "messages/actors/supervisor.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

struct supervisor_config {
  /// What the start found: queues with work, and jobs that ran when the last process died.
  storage::recovery_report recovery;
  /// Queues that are started in any case, beside those that have work.
  std::vector<std::string> queues;
  /// Names of queues that people paused.
  std::set<std::string> paused;
  bool maintained = false; ///< maintenance is on
  /// `held`: until it is released, only suspects run.
  std::function<queue_actor(const std::string& name, bool paused, bool held, suspect_listener_actor recovery)>
    start_queue;
  std::function<scheduler_actor()> start_scheduler;
  store_writer_actor store;
  /// Actors that all others hold: when one of them dies the node cannot go on.
  struct pillar {
    std::string name;
    caf::actor handle;
    bool stores = false; ///< without it nothing is stored any more
  };
  std::vector<pillar> pillars;
  /// The node must end, for this reason. Called once, on an actor's thread.
  std::function<void(const std::string& reason)> fatal;
  /// Where other nodes work on the same database: how often queues look for jobs that nobody told of. 0: never.
  duration look_pause{};
  /// Reads which queues are paused, and whether maintenance is on; `paused_queues` follows. Absent where only this node pauses them.
  std::function<void()> read_paused;
  /// A queue or the scheduler that dies more often than this within a minute ends the node.
  int most_restarts = 5;
};

/// SUPERVISOR
/// Duty: starts queues and scheduler, starts them again when they die, leads recovery (suspects take their turns one
/// at a time before other work of their queue; those of a paused queue when it is resumed), and ends the node's work in order: the scheduler first, so that nothing
/// new comes; then the queues, which finish, or hand back when patience is over. Remembers the queues by name. When a
/// pillar dies it ends the node, whose next start recovers. Never runs jobs.
supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_config config);

} // namespace penstock::actors
