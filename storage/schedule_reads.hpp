#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads schedules through portable SQL. The session outlives it.
[[nodiscard]] std::unique_ptr<schedule_reads> make_schedule_reads(session& db);

} // namespace penstock::storage
