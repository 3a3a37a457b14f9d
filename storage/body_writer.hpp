#pragma once

#include <cstdint>
#include <string>

#include "storage/job_ties.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Writes a part of a job that lies apart from its row, cut into pieces, which are numbered from `first_chunk` on.
void write_body(session& db, std::int64_t job, payload_part part, const std::string& body,
                std::int64_t first_chunk = 0);

/// Removes all parts of a job.
void remove_bodies(session& db, std::int64_t job);

} // namespace penstock::storage
