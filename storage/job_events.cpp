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

/// The error that stopped a stream in the last run before one.
struct earlier_stop {
  std::int64_t integration = 0, run = 0;
  std::string stream;
  nullable<std::string> code;
  statement sql;
  explicit earlier_stop(session& db)
      : sql(db, "earlier stop of stream",
            "SELECT (SELECT e.code FROM job_errors e WHERE e.job_id = s.stopped_by_job ORDER BY e.id DESC LIMIT 1) "
            "FROM run_streams s WHERE s.stream = :stream AND s.run_id = (SELECT r.id FROM runs r "
            "WHERE r.integration_id = :integration AND r.id < :run AND r.dry = 0 ORDER BY r.id DESC LIMIT 1)") {
    sql.in(stream).in(integration).in(run).out(code);
  }
};

/// Whether its stream was stopped by the same error in the run before this one: people know already.
bool is_known(session& db, const job_row& job, const error& failure) {
  if (!job.run || job.stream.empty())
    return false;
  auto& earlier = db.query<earlier_stop>();
  earlier.integration = job.integration.value;
  earlier.run = job.run.value;
  earlier.stream = job.stream;
  return earlier.sql.one() && earlier.code.value_or("") == to_string(failure.code);
}

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
  if (failure && as == job_state::failed && is_known(db, job, *failure))
    data["repeated"] = true;
  return {.type = as == job_state::failed ? "job.failed" : "job.cancelled",
          .subject = "executions/" + to_string(job.id),
          .data = boost::json::serialize(data),
          .integration = job.integration,
          .organisation = job.organisation};
}

} // namespace penstock::storage
