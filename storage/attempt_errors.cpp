#include "storage/attempt_errors.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct insert_error {
  std::int64_t job = 0, attempt = 0, at = 0;
  std::string code, cls, message, node;
  statement sql;
  explicit insert_error(session& db)
      : sql(db, "insert attempt error",
            "INSERT INTO job_errors (job_id, attempt, code, class, message, at, node) "
            "VALUES (:job, :attempt, :code, :class, :message, :at, :node)") {
    sql.in(job).in(attempt).in(code).in(cls).in(message).in(at).in(node);
  }
};

} // namespace

void record_attempt_error(session& db, job_id job, std::int64_t attempt, const error& problem, timestamp at,
                          const std::string& node) {
  auto& insert = db.query<insert_error>();
  insert.job = job.value;
  insert.attempt = attempt;
  insert.code = to_string(problem.code);
  insert.cls = to_string(problem.cls());
  insert.message = problem.message;
  insert.at = micros(at);
  insert.node = node;
  insert.sql.post();
}

} // namespace penstock::storage
