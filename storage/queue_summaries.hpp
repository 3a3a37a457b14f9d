#pragma once

#include <vector>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Beyond this many delayed jobs of one queue and priority the rest are counted as waiting, so that a deep backlog
/// does not make every look at the queues dear.
inline constexpr std::int64_t most_delayed_counted = 50'000;

/// All queues by name (see job_reads::queues): from counts kept by delta, slots, and probes of the waiting index.
[[nodiscard]] std::vector<queue_summary> read_queue_summaries(session& db, timestamp now);

} // namespace penstock::storage
