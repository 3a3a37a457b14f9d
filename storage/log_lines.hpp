#pragma once

#include <vector>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Keeps lines with their job; `owner` where a line names none.
void write_log_lines(session& db, const std::vector<job_log_line>& lines, job_id owner);

/// In the order in which they were written.
[[nodiscard]] std::vector<job_log_line> read_log_lines(session& db, job_id id);

} // namespace penstock::storage
