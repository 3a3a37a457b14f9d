#pragma once

#include <string>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Keeps what went wrong in an attempt with its job.
void record_attempt_error(session& db, job_id job, std::int64_t attempt, const error& problem, timestamp at,
                          const std::string& node);

} // namespace penstock::storage
