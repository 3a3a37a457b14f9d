#pragma once

#include <string_view>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Waiting jobs of a queue that have a group (see job_reads::lanes). Index probes: one or two for each lane and
/// priority. The cost is that of the lanes and jobs asked for, whatever waits behind them.
[[nodiscard]] lane_window read_ready_lanes(session& db, std::string_view queue, const lane_request& wanted);

/// The blocks of groups that stand at a moment, at most 10,000.
[[nodiscard]] std::vector<commit_news::block> read_blocks(session& db, timestamp now);

} // namespace penstock::storage
