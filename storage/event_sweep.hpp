#pragma once

#include <cstdint>

#include "core/time.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Removes the oldest events that are older than a moment, at most `limit`. The last one stays: its position is never given
/// again. How many went.
std::int64_t sweep_old_events(session& db, timestamp before, std::int64_t limit);

/// Removes the oldest of more than `most` events, at most `limit`. Positions count for rows, but for holes as a restore
/// leaves them (whole_copy.cpp), which may be wider than any history. How many went.
std::int64_t sweep_surplus_events(session& db, std::int64_t most, std::int64_t limit);

} // namespace penstock::storage
