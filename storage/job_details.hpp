#pragma once

#include <vector>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Fills in what other tables know of a job: its errors, its latest progress and, if it ever had any, the counts of
/// its children.
void add_details(session& db, job_record& record, bool has_children);

/// The HTTP exchanges of a job in the order of their writing.
[[nodiscard]] std::vector<http_exchange> read_exchanges(session& db, job_id id);

} // namespace penstock::storage
