#pragma once

#include <optional>

#include "core/error.hpp"
#include "storage/delivery_stream.hpp"
#include "storage/job_row.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

[[nodiscard]] inline bool is_delivery(const job_row& job) {
  return job.integration && !job.run && !job.parent && job.stream == deliveries_stream;
}

/// A delivery and all that followed from it has ended: its integration notes a success, or why there was none. One that was
/// cancelled says nothing of either.
void note_delivery(write_state& state, const job_row& job, job_state as, const std::optional<error>& failure);

} // namespace penstock::storage
