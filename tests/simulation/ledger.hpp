#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/job_state.hpp"
#include "messages/job.hpp"

namespace penstock::simulation {

/// A job that the outside was told is stored, and what must become of it.
struct told_job {
  std::string kind;
  std::int64_t failures = 0; ///< attempts that fail by themselves
  std::int64_t children = 0;
  std::string unique_key{};
  bool cancelled = false; ///< a cancellation was answered
  bool may_retry = false; ///< a person asked for a retry
};

/// One run of a handler that has not ended.
struct open_run {
  job_id job{};
  std::uint16_t attempts = 0;
  std::string queue, group;
};

/// What the outside of the engine knows: what it was answered, and which handlers run.
struct ledger {
  std::map<std::int64_t, told_job> told;
  std::map<std::uint64_t, open_run> open_runs; ///< by number
  /// Queues whose pause was answered and has reached the queue: nothing may start there.
  std::map<std::string, bool> paused;
};

} // namespace penstock::simulation
