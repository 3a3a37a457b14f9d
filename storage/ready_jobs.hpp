#pragma once

#include <cstdint>
#include <string_view>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The window of a queue's ready jobs (see job_reads::ready). Range probes of the index of waiting jobs, one for each
/// priority: the cost is that of the jobs it returns, whatever lies before or behind them.
[[nodiscard]] ready_window read_ready_jobs(session& db, std::string_view queue, timestamp now, std::int64_t limit,
                                           const queue_place& after);

} // namespace penstock::storage
