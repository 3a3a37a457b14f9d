#pragma once

#include <vector>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Keeps HTTP exchanges with the job that made them: the one they name, or else `owner`.
void write_exchanges(session& db, const std::vector<http_exchange>& exchanges, job_id owner);

} // namespace penstock::storage
