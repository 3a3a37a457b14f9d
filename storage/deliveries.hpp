#pragma once

#include <optional>

#include "core/error.hpp"
#include "messages/integration.hpp"
#include "storage/delivery_stream.hpp"
#include "storage/job_row.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

[[nodiscard]] inline bool is_delivery(const job_row& job) {
  return job.integration && !job.run && !job.parent && job.stream == deliveries_stream;
}

/// What a job that belongs to no run did to rows: where it is a delivery, or a part of one, the result of the delivery's own
/// job counts them, as "rows". Of other jobs nothing is noted.
void add_to_delivery(write_state& state, const job_row& job, const row_counts& rows);

/// A delivery and all that followed from it has ended: its integration notes a success, or why there was none. One that was
/// cancelled says nothing of either. That one of several jobs was stored is told by integration.updated, with its rows; one
/// that a single job saw to is not, since there may be many a second: what that job wrote tells of itself.
void note_delivery(write_state& state, const job_row& job, job_state as, const std::optional<error>& failure);

} // namespace penstock::storage
