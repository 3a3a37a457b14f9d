#include "storage/waiting_rows.hpp"

#include "core/id_text.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

struct insert_row {
  waiting_row row;
  std::int64_t tied = 0;
  statement sql;
  explicit insert_row(session& db)
      : sql(db, "insert waiting job",
            "INSERT INTO waiting_jobs (queue_id, priority, run_at, id, attempts, tied) VALUES (:queue, :priority, "
            ":run_at, :id, :attempts, :tied)") {
    sql.in(row.queue).in(row.priority).in(row.run_at).in(row.id).in(row.attempts).in(tied);
  }
};

struct delete_row {
  std::int64_t queue = 0, priority = 0, run_at = 0, id = 0;
  statement sql;
  explicit delete_row(session& db)
      : sql(db, "remove waiting job",
            "DELETE FROM waiting_jobs WHERE queue_id = :queue AND priority = :priority AND run_at = :run_at "
            "AND id = :id") {
    sql.in(queue).in(priority).in(run_at).in(id);
  }
};

struct tie_row {
  std::int64_t id = 0, same = 0;
  statement sql;
  explicit tie_row(session& db)
      : sql(db, "tie waiting job",
            "UPDATE waiting_jobs SET tied = 1 WHERE id = :id AND (queue_id, priority, run_at) = "
            "(SELECT j.queue_id, j.priority, j.run_at FROM jobs j WHERE j.id = :same)") {
    sql.in(id).in(same);
  }
};

} // namespace

void insert_waiting(session& db, const waiting_row& row) {
  auto& insert = db.query<insert_row>();
  insert.row = row;
  insert.tied = row.tied ? 1 : 0;
  insert.sql.post();
}

void remove_waiting(session& db, const job_row& job) {
  if (!job.group.empty())
    return;
  auto& remove = db.query<delete_row>();
  remove.queue = job.queue;
  remove.priority = job.priority;
  remove.run_at = job.run_at;
  remove.id = job.id.value;
  if (remove.sql.run() != 0)
    return;
  if (const auto now = find_job_row(db, job.id); !now || is_ended(now->state))
    throw storage_exception(error{error_code::storage_busy, "job " + to_string(job.id) + " ended meanwhile"},
                            storage_blame::moment);
  throw storage_exception(
    error{error_code::internal, "job " + to_string(job.id) + " waits, and its row of waiting_jobs is not there"},
    storage_blame::unit);
}

void tie_waiting(session& db, job_id job) {
  auto& tie = db.query<tie_row>();
  tie.id = tie.same = job.value;
  tie.sql.post();
}

} // namespace penstock::storage
