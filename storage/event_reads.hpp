#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads stored events through portable SQL. The session outlives it.
[[nodiscard]] std::unique_ptr<event_reads> make_event_reads(session& db);

} // namespace penstock::storage
