#include "storage/job_events.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct name_of_integration {
  std::int64_t id = 0;
  std::string service, name;
  statement sql;
  explicit name_of_integration(session& db)
      : sql(db, "name of integration", "SELECT service, name FROM integrations WHERE id = :id") {
    sql.in(id).out(service).out(name);
  }
};

} // namespace

event_draft job_ended_event(session& db, const job_row& job, job_state as, const std::optional<error>& failure,
                            const std::string& kind, const std::string& queue) {
  boost::json::object data{{"job_id", to_string(job.id)}, {"kind", kind}, {"queue", queue}, {"attempts", job.attempts}};
  if (job.integration)
    data["integration_id"] = to_string(job.integration);
  if (job.integration && as == job_state::failed) {
    auto& about = db.query<name_of_integration>();
    about.id = job.integration.value;
    if (about.sql.one()) {
      data["service"] = about.service;
      data["integration"] = about.name;
    }
  }
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
