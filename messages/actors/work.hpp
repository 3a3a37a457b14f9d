#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "core/error.hpp"
#include "messages/actors/announce.hpp"
#include "messages/actors/shared_jobs.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::actors {

/// Identifies one hand-over of a slot; late answers of an abandoned worker carry an old turn and are ignored.
struct slot_turn {
  std::uint16_t slot = 0;
  std::uint64_t turn = 0;
  friend bool operator==(const slot_turn&, const slot_turn&) = default;
};

/// What a handler made of one job.
struct work_result {
  unit_of_work unit;           ///< with an error: only what is kept all the same (exchanges)
  std::optional<error> failed; ///< unset: the handler succeeded
  bool cancelled = false;      ///< it stopped because it was told to
  timestamp started_at = no_time, finished_at = no_time;
};

/// A worker's answer: one result for each job of the order, in order.
struct work_done {
  slot_turn turn;
  std::vector<work_result> results;
};

/// What a handler says on its way.
struct progress_report {
  slot_turn turn;
  job_id job{};
  progress value;
};

/// A provider answered that it wants no more calls for a while (429, or its budget is spent).
struct hold_off_report {
  slot_turn turn;
  job_id job{};
  duration wait{};
};

struct work_order;

/// Why a running job must stop.
enum class stop_reason : std::uint8_t { timed_out, cancelled, shutdown };
struct stop_work {
  slot_turn turn;
  stop_reason reason = stop_reason::cancelled;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::work_done)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::progress_report)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::hold_off_report)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::work_order)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::stop_work)

namespace penstock::actors {

/// Role of whoever gave an order: a queue.
using work_giver_actor =
  caf::typed_actor<caf::reacts_to<work_done>, caf::reacts_to<progress_report>, caf::reacts_to<hold_off_report>>;

/// Jobs of one slot, run one after the other. More than one only if their kinds are brief.
struct work_order {
  slot_turn turn;
  shared_jobs jobs;
  work_giver_actor reply_to;
};

/// Role of whatever runs jobs: a processor, a fetcher, the integration directory.
using worker_actor = caf::typed_actor<caf::reacts_to<work_order>, caf::reacts_to<stop_work>>;

} // namespace penstock::actors
