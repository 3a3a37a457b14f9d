#include "storage/history_sweep.hpp"

#include <initializer_list>
#include <memory>
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

/// Walks a table by id, a stretch in each sweep: old rows that must stay (jobs that wait, failed ones) are passed once
/// in a while instead of at each sweep. From the end it goes back to the beginning.
struct walk {
  std::int64_t from = 0; ///< where the next stretch begins
  std::int64_t seen = 0, last = 0;

  void begin() noexcept { seen = 0; }
  void see(std::int64_t id) noexcept {
    ++seen;
    last = id;
  }
  void end(bool stopped_early) noexcept { from = stopped_early || seen >= rows_looked_at ? last + 1 : 0; }
};

/// Jobs that were made before a moment, oldest first: a job that ended before it was made before it.
struct old_jobs {
  std::int64_t from = 0, first_kept = 0, examined = rows_looked_at, id = 0, queue = 0, state = 0, finished = 0;
  walk place;
  statement sql;
  explicit old_jobs(session& db)
      : sql(db, "find old jobs",
            "SELECT id, queue_id, state, finished_at FROM jobs WHERE id >= :from AND id < :first_kept ORDER BY id "
            "LIMIT :examined") {
    sql.in(from).in(first_kept).in(examined).out(id).out(queue).out(state).out(finished);
  }

  std::vector<ended_job> completed_before(timestamp moment, std::int64_t limit) {
    std::vector<ended_job> found;
    from = place.from;
    place.begin();
    bool row = sql.first();
    for (; row && std::ssize(found) < limit; row = sql.next()) {
      place.see(id);
      const auto as = static_cast<job_state>(state);
      if ((as == job_state::completed || as == job_state::cancelled) && finished < micros(moment))
        found.push_back({id, queue, as});
    }
    place.end(row);
    if (row)
      sql.finish();
    return found;
  }
};

/// Runs that ended before a moment and are not the last of their integration. One of which a job is left stays with
/// it: the job tells of it, and its retry asks what was stopped.
struct old_runs {
  std::int64_t from = 0, first_kept = 0, before = 0, examined = rows_looked_at, id = 0, goes = 0;
  walk place;
  statement sql;
  explicit old_runs(session& db)
      : sql(db, "find old runs",
            "SELECT r.id, CASE WHEN r.state <> 0 AND r.ended_at < :before AND EXISTS (SELECT 1 FROM runs later WHERE "
            "later.integration_id = r.integration_id AND later.id > r.id) AND NOT EXISTS (SELECT 1 FROM jobs WHERE "
            "jobs.run_id = r.id) THEN 1 ELSE 0 END FROM runs r WHERE r.id >= :from AND r.id < :first_kept "
            "ORDER BY r.id LIMIT :examined") {
    sql.in(before).in(from).in(first_kept).in(examined).out(id).out(goes);
  }

  std::vector<std::int64_t> ended(std::int64_t limit) {
    std::vector<std::int64_t> found;
    from = place.from;
    place.begin();
    bool row = sql.first();
    for (; row && std::ssize(found) < limit; row = sql.next()) {
      place.see(id);
      if (goes != 0)
        found.push_back(id);
    }
    place.end(row);
    if (row)
      sql.finish();
    return found;
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
                      "row_errors WHERE job_id", "job_payloads WHERE job_id", "job_children WHERE parent_id",
                      "jobs WHERE id"}) {}
};
struct delete_run : delete_whole {
  explicit delete_run(session& db)
      : delete_whole(db, "sweep run",
                     {"run_streams WHERE run_id", "row_errors WHERE run_id", "run_tables WHERE run_id",
                      "run_differences WHERE run_id", "runs WHERE id"}) {}
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

struct old_occurrences {
  std::int64_t before = 0, limit = 0, occurrence = 0;
  std::string schedule;
  statement sql;
  explicit old_occurrences(session& db)
      : sql(db, "find old occurrences",
            "SELECT schedule, occurrence FROM schedule_occurrences WHERE decided_at < :before ORDER BY decided_at "
            "LIMIT :limit") {
    sql.in(before).in(limit).out(schedule).out(occurrence);
  }
};
struct delete_occurrence {
  std::int64_t occurrence = 0;
  std::string schedule;
  statement sql;
  explicit delete_occurrence(session& db)
      : sql(db, "sweep occurrence",
            "DELETE FROM schedule_occurrences WHERE schedule = :schedule AND occurrence = :occurrence") {
    sql.in(schedule).in(occurrence);
  }
};

std::int64_t remove_occurrences(session& db, timestamp before, std::int64_t limit) {
  auto& find = db.query<old_occurrences>();
  find.before = micros(before);
  find.limit = limit;
  std::vector<std::pair<std::string, std::int64_t>> old;
  for (bool row = find.sql.first(); row; row = find.sql.next())
    old.emplace_back(find.schedule, find.occurrence);
  auto& drop = db.query<delete_occurrence>();
  for (const auto& [schedule, occurrence] : old) {
    drop.schedule = schedule;
    drop.occurrence = occurrence;
    drop.sql.run();
  }
  return std::ssize(old);
}

std::int64_t remove(write_state& state, const std::vector<ended_job>& jobs) {
  auto& drop = state.db.query<delete_job>();
  for (const auto& job : jobs) {
    drop.remove(job.id);
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
  std::int64_t completed = 0, failed = 0, events = 0, runs = 0, occurrences = 0;
  if (change.completed_before != no_time) {
    auto& find = state.db.query<old_jobs>();
    find.first_kept = first_id_of(change.completed_before);
    completed = remove(state, find.completed_before(change.completed_before, change.limit));
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
  if (change.completed_before != no_time) {
    auto& find = state.db.query<old_runs>();
    find.first_kept = first_id_of(change.completed_before);
    find.before = micros(change.completed_before);
    const auto ended = find.ended(change.limit);
    for (const auto id : ended)
      state.db.query<delete_run>().remove(id);
    runs = std::ssize(ended);
  }
  if (change.occurrences_before != no_time)
    occurrences = remove_occurrences(state.db, change.occurrences_before, change.limit);
  context.result.created.insert(context.result.created.end(), {completed, failed, events, runs, occurrences});
  return {};
}

} // namespace penstock::storage
