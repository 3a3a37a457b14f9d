#pragma once

#include <optional>
#include <string>

#include "core/error.hpp"
#include "messages/event.hpp"
#include "storage/job_row.hpp"

namespace penstock::storage {

/// job.failed, which names the integration, or job.cancelled. A failure is `repeated` if the same error stopped the job's
/// stream in the run before as well: it is no news, and nobody is to be alarmed again.
[[nodiscard]] event_draft job_ended_event(session& db, const job_row& job, job_state as,
                                          const std::optional<error>& failure, const std::string& kind,
                                          const std::string& queue);

} // namespace penstock::storage
