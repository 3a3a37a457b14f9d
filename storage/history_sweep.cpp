#include "storage/history_sweep.hpp"

#include <array>
#include <string>
#include <vector>

#include "core/id_generator.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct ended_job {
  std::int64_t id, queue;
  job_state state;
};

/// Jobs that were made before a moment, oldest first: a job that ended before it was made before it.
struct old_completed {
  std::int64_t first_kept = 0, before = 0, limit = 0, id = 0, queue = 0, state = 0;
  statement sql;
  explicit old_completed(session& db)
      : sql(db, "find old jobs",
            "SELECT id, queue_id, state FROM jobs WHERE id < :first_kept AND state IN (3, 5) AND finished_at < :before "
            "ORDER BY id LIMIT :limit") {
    sql.in(first_kept).in(before).in(limit).out(id).out(queue).out(state);
  }
};

struct old_failed {
  std::int64_t before = 0, limit = 0, id = 0, queue = 0, state = 0;
  statement sql;
  explicit old_failed(session& db)
      : sql(db, "find old failed jobs",
            "SELECT id, queue_id, state FROM jobs WHERE state = 4 AND finished_at < :before ORDER BY finished_at "
            "LIMIT :limit") {
    sql.in(before).in(limit).out(id).out(queue).out(state);
  }
};

template <class Query>
std::vector<ended_job> all(Query& query) {
  std::vector<ended_job> found;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    found.push_back({query.id, query.queue, static_cast<job_state>(query.state)});
  return found;
}

/// A job and everything that is kept with it.
struct delete_job {
  std::int64_t id = 0;
  std::vector<std::unique_ptr<statement>> sql;
  explicit delete_job(session& db) {
    for (const auto* where :
         {"job_errors WHERE job_id", "job_progress WHERE job_id", "http_exchanges WHERE job_id",
          "row_errors WHERE job_id", "job_payloads WHERE job_id", "job_children WHERE parent_id", "jobs WHERE id"})
      sql.push_back(std::make_unique<statement>(db, "sweep job", std::string{"DELETE FROM "} + where + " = :id"));
    for (auto& each : sql)
      each->in(id);
  }
};

struct delete_events {
  std::int64_t limit = 0, before = 0;
  statement sql;
  // The last event stays: its position is never given again.
  explicit delete_events(session& db)
      : sql(db, "sweep events",
            "DELETE FROM events WHERE position IN (SELECT position FROM events ORDER BY position LIMIT :count) "
            "AND time < :before AND position < (SELECT MAX(position) FROM events)") {
    sql.in(limit).in(before);
  }
};

std::int64_t remove(write_state& state, const std::vector<ended_job>& jobs) {
  auto& drop = state.db.query<delete_job>();
  for (const auto& job : jobs) {
    drop.id = job.id;
    for (auto& each : drop.sql)
      each->run();
    state.counts.add(job.queue, job.state, -1);
  }
  return std::ssize(jobs);
}

std::int64_t first_id_of(timestamp moment) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(moment - id_generator::epoch).count();
  return age <= 0 ? 0 : (age + 1) << (id_generator::node_bits + id_generator::sequence_bits);
}

} // namespace

result<void> apply(write_state& state, change_context& context, const sweep_history& change) {
  if (change.limit < 1)
    return failure(error_code::invalid_argument, "a sweep needs a limit of at least 1");
  std::int64_t completed = 0, failed = 0, events = 0;
  if (change.completed_before != no_time) {
    auto& find = state.db.query<old_completed>();
    find.first_kept = first_id_of(change.completed_before);
    find.before = micros(change.completed_before);
    find.limit = change.limit;
    completed = remove(state, all(find));
  }
  if (change.failed_before != no_time) {
    auto& find = state.db.query<old_failed>();
    find.before = micros(change.failed_before);
    find.limit = change.limit;
    failed = remove(state, all(find));
  }
  if (change.events_before != no_time) {
    auto& drop = state.db.query<delete_events>();
    drop.limit = change.limit;
    drop.before = micros(change.events_before);
    events = drop.sql.run();
  }
  context.result.created.insert(context.result.created.end(), {completed, failed, events});
  return {};
}

} // namespace penstock::storage
