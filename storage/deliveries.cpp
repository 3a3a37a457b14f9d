#include "storage/deliveries.hpp"

#include <string>

#include "core/id_text.hpp"
#include "core/integration_state.hpp"
#include "storage/child_counters.hpp"
#include "storage/integration_rows.hpp"

namespace penstock::storage {

void note_delivery(write_state& state, const job_row& job, job_state as, const std::optional<error>& failure) {
  if (as != job_state::completed && as != job_state::failed)
    return;
  auto about = find_integration_row(state.db, job.integration);
  if (!about)
    return;
  if (as == job_state::completed) {
    about->schedule = run_succeeded(about->schedule, state.now);
    about->last_error.clear();
    // As with runs: what was stored of it counts, and what was not is told.
    const auto parts = read_child_counts(state.db, job.id);
    if (const auto lost = parts.failed + parts.cancelled; lost > 0)
      about->last_error = std::to_string(lost) + " of the " + std::to_string(lost + parts.completed) +
                          " jobs of a delivery did not complete: penstock jobs show " + to_string(job.id);
  } else if (failure) {
    about->last_error = failure->message;
  }
  about->updated_at = state.now;
  update_integration_row(state.db, *about);
}

} // namespace penstock::storage
