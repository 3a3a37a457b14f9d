#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/actors/store.hpp"
#include "messages/actors/work.hpp"

namespace penstock::actors {

enum class queue_command : std::uint8_t {
  pause, ///< hold waiting jobs; what runs is finished
  resume,
  hold,       ///< recovery: suspects take their turns first
  release,    ///< recovery is over
  look_again, ///< jobs may wait in the store that nobody told of
  close,      ///< the node takes no new work (set_intake)
  open
};
struct command_queue {
  queue_command command = queue_command::pause;
};

/// A person debugs: run the job that comes first, also if the queue is paused. `job` 0: none could start.
struct run_one {};
struct one_started {
  job_id job{};
};

/// Recovery: run this job with nothing beside it, then say suspect_done.
struct run_suspect {
  job_id job{};
};
struct suspect_done {
  job_id job{};
};

/// A person cancels a job. One that runs is asked to stop; one that waits is the store's business, and the queue
/// forgets it only once that has cancelled it.
struct cancel_running {
  job_id job{};
  std::string reason = "cancelled by a person"; ///< kept with the job
  bool stored = false;                          ///< the store has cancelled it while it waited
};

/// The node stops: claim nothing more. Answered when no slot holds a job any more.
struct drain_queue {};
struct queue_drained {
  std::uint64_t handed_back = 0; ///< jobs that had to stop before they were done, at no cost to them
};

/// The time for active jobs is up: stop them, hand them back, free the slots.
struct hand_back {};

struct queue_state_request {
  bool history = false;
};
struct queue_state {
  std::string name;
  std::uint16_t concurrency = 0;
  bool paused = false, draining = false;
  bool closed = false; ///< the node takes no new work
  std::string limit;   ///< "10/s"; empty: none
  std::vector<job_id> active;
  std::uint64_t ended_total = 0;                         ///< since the actor started
  std::uint64_t stuck_workers = 0;                       ///< abandoned past their timeout and still running
  double throughput_per_minute = 0;                      ///< over the last minute
  timestamp began_at = no_time, last_ended_at = no_time; ///< no_time: nothing ended since it began
  std::uint64_t commits_delayed = 0;                     ///< that the database has not taken yet
  struct minute {
    timestamp begin = no_time;
    std::uint64_t completed = 0, failed = 0;
  };
  std::vector<minute> history; ///< if asked for: minutes of the last day in which something ended, oldest first
};

/// The event bus has listeners for live-only events, or none any more: without them queues save the work.
struct live_interest {
  bool wanted = false;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::command_queue)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::run_suspect)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::run_one)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::one_started)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::suspect_done)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::cancel_running)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::drain_queue)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_drained)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::hand_back)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_state_request)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::queue_state)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::live_interest)

namespace penstock::actors {

/// Role of whoever leads recovery: the supervisor.
using suspect_listener_actor = caf::typed_actor<caf::reacts_to<suspect_done>>;

/// QUEUE: one for each named queue.
using queue_actor = caf::typed_actor<
  // From the store, after a commit.
  caf::reacts_to<jobs_ready>, caf::reacts_to<jobs_given>, caf::reacts_to<groups_blocked>,
  // Answers to its own commits.
  caf::reacts_to<commit_answer>,
  // From workers.
  caf::reacts_to<work_done>, caf::reacts_to<progress_report>, caf::reacts_to<hold_off_report>,
  // From the supervisor and from people.
  caf::reacts_to<command_queue>, caf::reacts_to<run_suspect>, caf::reacts_to<cancel_running>,
  caf::replies_to<drain_queue>::with<queue_drained>, caf::reacts_to<hand_back>, caf::reacts_to<live_interest>,
  caf::replies_to<run_one>::with<one_started>,
  // For show.
  caf::replies_to<queue_state_request>::with<queue_state>>;

} // namespace penstock::actors
