#pragma once

#include <string>

#include "core/ids.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// What a job's row holds as its result; empty: nothing. The row is held until the transaction ends.
[[nodiscard]] std::string job_result(session& db, job_id id);

/// Replaces it, for what is only known behind the job's own end: JSON, small.
void set_job_result(session& db, job_id id, std::string result);

} // namespace penstock::storage
