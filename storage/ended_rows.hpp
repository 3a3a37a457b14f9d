#pragma once

#include <cstdint>
#include <vector>

#include "core/job_state.hpp"
#include "storage/queue_counters.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

struct ended_job {
  std::int64_t id, queue;
  job_state state;
};

/// Removes jobs that have ended with everything that is kept with them, and counts them off. How many went: of a shared
/// database one that was retried or removed meanwhile, or that another node holds, is passed over.
std::int64_t remove_jobs(session& db, queue_counters& counts, const std::vector<ended_job>& jobs);

/// The same of one job in any state, held by this transaction: who runs it can store nothing any more.
void remove_job(session& db, queue_counters& counts, const ended_job& job);

/// Removes a run with everything that is kept with it, but for its jobs.
void remove_run(session& db, std::int64_t id);

} // namespace penstock::storage
