#pragma once

#include <cstdint>

#include "core/ids.hpp"
#include "storage/job_row.hpp"
#include "storage/session.hpp"

/// The rows of `waiting_jobs` (plain_schema.cpp), one at a time. Jobs with a group have none.
namespace penstock::storage {

/// A job without a group begins to wait.
struct waiting_row {
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0, attempts = 0;
  bool tied = false;
};
void insert_waiting(session& db, const waiting_row& row);

/// A job waits no more, or elsewhere from now on; `job` as it was read in this transaction. Nothing for one with a
/// group. Throws where the row is gone: another node ended the job meanwhile, and the transaction is to run again.
void remove_waiting(session& db, const job_row& job);

/// Something hangs on the job's end from now on, whether it waits or not.
void tie_waiting(session& db, job_id job);

} // namespace penstock::storage
