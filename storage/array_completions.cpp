#include "storage/array_completions.hpp"

#include <array>

#include "storage/array_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

struct array_completions::update {
  array_text ids, queues, attempts, started, finished;
  std::int64_t done = 0;
  statement sql;
  explicit update(session& db)
      : sql(db, "complete jobs",
            "UPDATE jobs j SET state = 3, spare = 0, attempts = j.attempts + 1, started_at = w.started_at, "
            "finished_at = w.finished_at FROM unnest(CAST(:ids AS BIGINT[]), CAST(:queues AS BIGINT[]), "
            "CAST(:attempts AS BIGINT[]), CAST(:started AS BIGINT[]), CAST(:finished AS BIGINT[])) "
            "AS w(id, queue_id, attempts, started_at, finished_at) WHERE j.id = w.id AND j.state = 0 "
            "AND j.attempts = w.attempts AND j.queue_id = w.queue_id AND j.ties = 0 RETURNING j.id") {
    for (auto* each : columns())
      sql.in(each->text());
    sql.out(done);
  }
  std::array<array_text*, 5> columns() { return {&ids, &queues, &attempts, &started, &finished}; }
};

array_completions::array_completions(session& db) : db_(db) {}

array_completions::~array_completions() = default;

void array_completions::add(job_id job, std::int64_t queue, std::int64_t attempts, std::int64_t started_at,
                            std::int64_t finished_at) {
  if (!sql_)
    sql_ = std::make_unique<update>(db_);
  if (count_++ == 0)
    for (auto* each : sql_->columns())
      each->clear();
  sql_->ids.add(job.value);
  sql_->queues.add(queue);
  sql_->attempts.add(attempts);
  sql_->started.add(started_at);
  sql_->finished.add(finished_at);
}

std::unordered_set<job_id> array_completions::run() {
  std::unordered_set<job_id> done;
  if (count_ == 0)
    return done;
  count_ = 0;
  for (auto* each : sql_->columns())
    each->close();
  for (bool row = sql_->sql.first(); row; row = sql_->sql.next())
    done.insert({sql_->done});
  return done;
}

} // namespace penstock::storage
