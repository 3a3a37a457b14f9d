#include "storage/job_request_loader.hpp"

#include "storage/job_bodies.hpp"
#include "storage/job_columns.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct find_asked {
  std::int64_t id = 0;
  job_columns columns;
  statement sql;
  explicit find_asked(session& db)
      : sql(db, "load request of job",
            "SELECT " + job_columns::names() + " FROM jobs j" + job_columns::joins + "WHERE j.id = :id") {
    sql.in(id);
    columns.bind(sql);
  }
};

} // namespace

std::optional<job_request> load_request(session& db, job_id id) {
  auto& find = db.query<find_asked>();
  find.id = id.value;
  if (!find.sql.one())
    return std::nullopt;
  auto stored = find.columns.record();
  auto& job = stored.job;
  if (find.columns.has_large_args())
    job.args = read_args(db, id.value);
  job_request asked;
  asked.kind = std::move(job.kind);
  asked.args = std::move(job.args);
  asked.queue = std::move(job.queue);
  asked.priority = job.priority;
  asked.max_attempts = job.max_attempts;
  asked.backoff = std::move(job.backoff);
  asked.timeout = job.timeout;
  asked.unique_key = std::move(stored.unique_key);
  asked.group_key = std::move(job.group_key);
  asked.integration = job.integration;
  asked.organisation = job.organisation;
  asked.trace_id = std::move(job.trace_id);
  asked.keep_bodies = job.keep_bodies;
  return asked;
}

} // namespace penstock::storage
