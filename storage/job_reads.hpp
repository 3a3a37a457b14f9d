#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads jobs through portable SQL. The session outlives it.
[[nodiscard]] std::unique_ptr<job_reads> make_job_reads(session& db);

} // namespace penstock::storage
