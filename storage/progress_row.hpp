#pragma once

#include <optional>

#include "core/ids.hpp"
#include "core/progress.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The latest progress that was written for a job.
[[nodiscard]] std::optional<progress> read_progress(session& db, job_id id);

} // namespace penstock::storage
