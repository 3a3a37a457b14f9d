#include "storage/array_completions.hpp"

#include <array>

#include "storage/array_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

/// One array a column, and the statement that takes them.
template <std::size_t Columns>
struct in_arrays {
  std::array<array_text, Columns> columns;
  std::size_t count = 0;
  std::int64_t done = 0;
  statement sql;
  in_arrays(session& db, std::string text) : sql(db, "complete jobs", std::move(text)) {
    for (auto& each : columns)
      sql.in(each.text());
    sql.out(done);
  }
  void add(const std::array<std::int64_t, Columns>& row) {
    for (std::size_t i = 0; i < Columns; ++i) {
      if (count == 0)
        columns[i].clear();
      columns[i].add(row[i]);
    }
    ++count;
  }
  void run(std::unordered_set<job_id>& found) {
    if (count == 0)
      return;
    count = 0;
    for (auto& each : columns)
      each.close();
    for (bool row = sql.first(); row; row = sql.next())
      found.insert({done});
  }
};

} // namespace

struct array_completions::grouped : in_arrays<5> {
  explicit grouped(session& db)
      : in_arrays(db, "UPDATE jobs j SET state = 3, spare = 0, attempts = j.attempts + 1, started_at = w.started_at, "
                      "finished_at = w.finished_at FROM unnest(CAST(:ids AS BIGINT[]), CAST(:queues AS BIGINT[]), "
                      "CAST(:attempts AS BIGINT[]), CAST(:started AS BIGINT[]), CAST(:finished AS BIGINT[])) "
                      "AS w(id, queue_id, attempts, started_at, finished_at) WHERE j.id = w.id AND j.state = 0 "
                      "AND j.attempts = w.attempts AND j.queue_id = w.queue_id AND j.ties = 0 "
                      "AND j.group_key IS NOT NULL RETURNING j.id") {}
};

struct array_completions::plain : in_arrays<7> {
  explicit plain(session& db)
      : in_arrays(db,
                  "WITH gone AS (DELETE FROM waiting_jobs j USING unnest(CAST(:ids AS BIGINT[]), "
                  "CAST(:queues AS INTEGER[]), CAST(:attempts AS SMALLINT[]), CAST(:started AS BIGINT[]), "
                  "CAST(:finished AS BIGINT[]), CAST(:priorities AS SMALLINT[]), CAST(:run_ats AS BIGINT[])) "
                  "AS w(id, queue_id, attempts, started_at, finished_at, priority, run_at) "
                  "WHERE j.queue_id = w.queue_id AND j.priority = w.priority AND j.run_at = w.run_at AND j.id = w.id "
                  "AND j.attempts = w.attempts AND j.tied = 0 RETURNING w.id, w.started_at, w.finished_at) "
                  "INSERT INTO plain_ends (job_id, started_at, finished_at) SELECT id, started_at, finished_at "
                  "FROM gone RETURNING job_id") {}
};

array_completions::array_completions(session& db)
    : db_(db), grouped_(std::make_unique<grouped>(db_)), plain_(std::make_unique<plain>(db_)) {}

array_completions::~array_completions() = default;

void array_completions::add(const end& job) {
  if (job.grouped)
    grouped_->add({job.job.value, job.queue, job.attempts, job.started_at, job.finished_at});
  else
    plain_->add({job.job.value, job.queue, job.attempts, job.started_at, job.finished_at, job.priority, job.run_at});
}

std::unordered_set<job_id> array_completions::run() {
  std::unordered_set<job_id> done;
  grouped_->run(done);
  plain_->run(done);
  return done;
}

void array_completions::discard() noexcept { grouped_->count = plain_->count = 0; }

} // namespace penstock::storage
