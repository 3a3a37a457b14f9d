#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/actors/intake.hpp"
#include "messages/actors/queue.hpp"
#include "messages/actors/scheduler.hpp"

namespace penstock::actors {

/// Jobs were stored for a queue that has no actor yet.
struct queue_needed {
  std::string name;
};

/// A person's word to one queue.
struct command_named_queue {
  std::string name;
  queue_command command = queue_command::pause;
};

/// Another node is dead: its jobs that were running are this node's suspects from now on.
struct suspects_found {
  struct suspect {
    job_id job{};
    std::string queue;
  };
  std::vector<suspect> suspects;
};

/// Other nodes stored jobs for these queues; none: news of any may have been missed.
struct look_at_queues {
  std::vector<std::string> names;
};

/// Which queues people paused, by now.
struct paused_queues {
  std::vector<std::string> names;
  bool maintained = false; ///< see set_maintenance
};

/// What was committed of maintenance here.
struct maintain_node {
  bool on = true;
};

/// See run_one.
struct run_one_of_queue {
  std::string name;
};

struct queue_states_request {
  bool history = false; ///< with the minutes of the last day
};
struct queue_states {
  std::vector<queue_state> queues; ///< by name; one that did not answer in time is missing
};

/// Ends the work of the node: no new work, active jobs may finish until `patience` is over, the rest is handed back.
struct stop_work_of_node {
  duration patience = std::chrono::seconds(30);
};
struct node_work_stopped {
  std::uint64_t handed_back = 0;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_needed)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::command_named_queue)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::run_one_of_queue)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::suspects_found)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::look_at_queues)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::paused_queues)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::maintain_node)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_states_request)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_states)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::stop_work_of_node)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::node_work_stopped)

namespace penstock::actors {

/// SUPERVISOR: one a node.
using supervisor_actor = suspect_listener_actor::extend<
  // From the store.
  caf::reacts_to<queue_needed>, caf::reacts_to<suspects_found>,
  // From other nodes on the same database.
  caf::reacts_to<look_at_queues>, caf::reacts_to<paused_queues>,
  // From the event bus, for all queues.
  caf::reacts_to<live_interest>,
  // From people.
  caf::reacts_to<command_named_queue>, caf::reacts_to<maintain_node>, caf::reacts_to<cancel_running>,
  caf::reacts_to<reload_schedules>, caf::replies_to<queue_states_request>::with<queue_states>,
  caf::replies_to<run_one_of_queue>::with<one_started>,
  // From the node.
  caf::reacts_to<set_intake>, caf::replies_to<stop_work_of_node>::with<node_work_stopped>>;

} // namespace penstock::actors
