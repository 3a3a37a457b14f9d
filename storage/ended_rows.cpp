#include "storage/ended_rows.hpp"

#include <initializer_list>
#include <memory>
#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

/// A row and everything that is kept with it.
struct delete_whole {
  std::int64_t id = 0;
  std::vector<std::unique_ptr<statement>> sql;
  delete_whole(session& db, const std::string& name, std::initializer_list<const char*> places) {
    for (const auto* where : places)
      sql.push_back(std::make_unique<statement>(db, name, std::string{"DELETE FROM "} + where + " = :id"));
    for (auto& each : sql)
      each->in(id);
  }
  void remove(std::int64_t wanted) {
    id = wanted;
    for (auto& each : sql)
      each->run();
  }
};
struct delete_job : delete_whole {
  explicit delete_job(session& db)
      : delete_whole(db, "sweep job",
                     {"job_errors WHERE job_id", "job_progress WHERE job_id", "http_exchanges WHERE job_id",
                      "job_logs WHERE job_id", "row_errors WHERE job_id", "job_payloads WHERE job_id",
                      "job_children WHERE parent_id", "plain_ends WHERE job_id", "jobs WHERE id"}) {}
};
/// A job may have been retried, or swept by another node, since it was found.
struct hold_ended {
  std::int64_t id = 0, state = 0, held = 0;
  statement sql;
  explicit hold_ended(session& db)
      : sql(db, "hold ended job",
            "SELECT id FROM jobs WHERE id = :id AND CASE WHEN EXISTS (SELECT 1 FROM plain_ends e WHERE e.job_id = "
            "jobs.id) "
            "THEN 3 ELSE state END = :state" +
              db.sql_dialect().for_update() + " SKIP LOCKED") {
    sql.in(id).in(state).out(held);
  }
  static bool hold(session& db, const ended_job& job) {
    if (!db.sql_dialect().shared())
      return true;
    auto& query = db.query<hold_ended>();
    query.id = job.id;
    query.state = static_cast<std::int64_t>(job.state);
    return query.sql.one();
  }
};
struct delete_run : delete_whole {
  explicit delete_run(session& db)
      : delete_whole(db, "sweep run",
                     {"run_streams WHERE run_id", "row_errors WHERE run_id", "run_tables WHERE run_id",
                      "run_differences WHERE run_id", "runs WHERE id"}) {}
};

} // namespace

std::int64_t remove_jobs(session& db, queue_counters& counts, const std::vector<ended_job>& jobs) {
  std::int64_t gone = 0;
  for (const auto& job : jobs) {
    if (!hold_ended::hold(db, job))
      continue;
    remove_job(db, counts, job);
    ++gone;
  }
  return gone;
}

void remove_job(session& db, queue_counters& counts, const ended_job& job) {
  db.query<delete_job>().remove(job.id);
  counts.add(job.queue, job.state, -1);
}

void remove_run(session& db, std::int64_t id) { db.query<delete_run>().remove(id); }

} // namespace penstock::storage
