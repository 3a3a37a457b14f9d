#include "storage/job_events.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"

namespace penstock::storage {

event_draft job_ended_event(const job_row& job, job_state as, const std::optional<error>& failure,
                            const std::string& kind, const std::string& queue) {
  boost::json::object data{{"job_id", to_string(job.id)}, {"kind", kind}, {"queue", queue}, {"attempts", job.attempts}};
  if (job.integration)
    data["integration_id"] = to_string(job.integration);
  if (job.run)
    data["run_id"] = to_string(job.run);
  if (failure)
    data["error"] = boost::json::object{{"code", std::string{to_string(failure->code)}},
                                        {"class", std::string{to_string(failure->cls())}},
                                        {"message", failure->message}};
  return {.type = as == job_state::failed ? "job.failed" : "job.cancelled",
          .subject = "executions/" + to_string(job.id),
          .data = boost::json::serialize(data),
          .integration = job.integration,
          .organisation = job.organisation};
}

} // namespace penstock::storage
