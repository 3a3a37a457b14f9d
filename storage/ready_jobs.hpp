#pragma once

#include <cstdint>
#include <string_view>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The window of a queue's ready jobs (see job_reads::ready). Range probes of the index of waiting jobs, one for each
/// priority: the cost is that of the jobs it returns, whatever lies before or behind them. Jobs that stand behind
/// others of their group are stepped over; where very many of them stand in front, the heads of the groups are looked
/// up instead, at the cost of one probe for each group.
[[nodiscard]] ready_window read_ready_jobs(session& db, std::string_view queue, timestamp now, std::int64_t limit,
                                           const queue_place& after);

} // namespace penstock::storage
