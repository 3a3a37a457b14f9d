#include "storage/history_sweep.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/id_generator.hpp"
#include "storage/changed_rows.hpp"
#include "storage/once_keys.hpp"
#include "storage/shared_limits.hpp"
#include "storage/statement.hpp"
#include "storage/unique_keys.hpp"

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

/// From when on ended jobs of each queue stay.
class kept_from {
public:
  kept_from(write_state& state, const sweep_history& change)
      : completed_(change.completed_before), failed_(change.failed_before) {
    for (const auto& each : change.queues)
      if (const auto queue = state.queues.find(each.queue))
        of_queue_[*queue] = {each.completed_before, each.failed_before};
    for (const auto& [queue, moments] : of_queue_) {
      latest_completed_ = std::max(latest_completed_, moments.first);
      latest_failed_ = std::max(latest_failed_, moments.second);
    }
    latest_completed_ = std::max(latest_completed_, completed_);
    latest_failed_ = std::max(latest_failed_, failed_);
  }

  [[nodiscard]] timestamp of(std::int64_t queue, job_state state) const {
    const auto found = of_queue_.find(queue);
    const auto moments = found == of_queue_.end() ? std::pair{completed_, failed_} : found->second;
    return state == job_state::failed ? moments.second : moments.first;
  }
  [[nodiscard]] timestamp latest_completed() const noexcept { return latest_completed_; }
  [[nodiscard]] timestamp latest_failed() const noexcept { return latest_failed_; }

private:
  timestamp completed_, failed_, latest_completed_ = no_time, latest_failed_ = no_time;
  std::map<std::int64_t, std::pair<timestamp, timestamp>> of_queue_;
};

/// Jobs that were made before a moment, oldest first: a job that ended before it was made before it.
struct old_jobs {
  std::int64_t from = 0, first_kept = 0, examined = rows_looked_at, id = 0, queue = 0, state = 0, finished = 0;
  walk place;
  statement sql;
  explicit old_jobs(session& db)
      : sql(
          db, "find old jobs",
          "SELECT id, queue_id, state, finished_at FROM job_states WHERE id >= :from AND id < :first_kept ORDER BY id "
          "LIMIT :examined") {
    sql.in(from).in(first_kept).in(examined).out(id).out(queue).out(state).out(finished);
  }

  /// `surplus`: so many go however young they are, also failed ones.
  std::vector<ended_job> completed_before(const kept_from& kept, std::int64_t surplus, std::int64_t limit) {
    std::vector<ended_job> found;
    from = surplus > 0 ? 0 : place.from;
    place.begin();
    bool row = sql.first();
    for (; row && std::ssize(found) < limit; row = sql.next()) {
      place.see(id);
      const auto as = static_cast<job_state>(state);
      if (!is_ended(as))
        continue;
      if (as != job_state::failed && finished < micros(kept.of(queue, as)))
        found.push_back({id, queue, as});
      else if (std::ssize(found) < surplus)
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
  std::int64_t from = 0, before = 0, examined = rows_looked_at, id = 0, queue = 0, finished = 0;
  walk place; ///< by time instead of id
  statement sql;
  explicit old_failed(session& db)
      : sql(db, "find old failed jobs",
            "SELECT id, queue_id, finished_at FROM jobs WHERE state = 4 AND finished_at >= :from "
            "AND finished_at < :before ORDER BY finished_at LIMIT :examined") {
    sql.in(from).in(before).in(examined).out(id).out(queue).out(finished);
  }

  std::vector<ended_job> ended_before(const kept_from& kept, std::int64_t limit) {
    std::vector<ended_job> found;
    from = place.from;
    before = micros(kept.latest_failed());
    place.begin();
    bool row = sql.first();
    for (; row && std::ssize(found) < limit; row = sql.next()) {
      place.see(finished - 1); // others may have failed in the same microsecond
      if (finished < micros(kept.of(queue, job_state::failed)))
        found.push_back({id, queue, job_state::failed});
    }
    place.end(row);
    if (row)
      sql.finish();
    return found;
  }
};

struct failed_of_queue {
  std::int64_t queue = 0, before = 0, limit = 0, id = 0;
  statement sql;
  explicit failed_of_queue(session& db)
      : sql(db, "find failed jobs of queue",
            "SELECT id FROM jobs WHERE state = 4 AND queue_id = :queue AND finished_at < :before ORDER BY finished_at "
            "LIMIT :limit") {
    sql.in(queue).in(before).in(limit).out(id);
  }
};

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

struct delete_audit {
  std::int64_t first_kept = 0, limit = 0;
  statement sql;
  explicit delete_audit(session& db)
      : sql(db, "sweep audit",
            "DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE id < :first_kept ORDER BY id LIMIT "
            ":limit)") {
    sql.in(first_kept).in(limit);
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

/// Events beyond a count, by their positions, which have few gaps.
struct delete_surplus_events {
  std::int64_t limit = 0, most = 0;
  statement sql;
  explicit delete_surplus_events(session& db)
      : sql(db, "sweep surplus events",
            "DELETE FROM events WHERE position IN (SELECT position FROM events ORDER BY position LIMIT :count) "
            "AND position <= (SELECT MAX(position) FROM events) - :most") {
    sql.in(limit).in(most);
  }
};

/// How many jobs have ended and are still kept, as counted by all nodes: without what this transaction moved.
struct count_ended {
  std::int64_t completed = static_cast<std::int64_t>(job_state::completed);
  std::int64_t failed = static_cast<std::int64_t>(job_state::failed);
  std::int64_t cancelled = static_cast<std::int64_t>(job_state::cancelled);
  std::int64_t ended = 0;
  statement sql;
  explicit count_ended(session& db)
      : sql(db, "count ended jobs",
            "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM queue_counts WHERE state IN (:completed, :failed, "
            ":cancelled)") {
    sql.in(completed).in(failed).in(cancelled).out(ended);
  }
};

std::int64_t ended_jobs(write_state& state) {
  auto& count = state.db.query<count_ended>();
  count.sql.one();
  return count.ended;
}

std::int64_t remove(write_state& state, const std::vector<ended_job>& jobs) {
  auto& drop = state.db.query<delete_job>();
  std::int64_t gone = 0;
  for (const auto& job : jobs) {
    if (!hold_ended::hold(state.db, job))
      continue;
    drop.remove(job.id);
    state.counts.add(job.queue, job.state, -1);
    ++gone;
  }
  return gone;
}

} // namespace

result<void> apply(write_state& state, change_context& context, const sweep_history& change) {
  if (change.limit < 1)
    return failure(error_code::invalid_argument, "a sweep needs a limit of at least 1");
  std::int64_t completed = 0, failed = 0, events = 0, runs = 0, occurrences = 0, audit = 0;
  const kept_from kept(state, change);
  const auto surplus = change.most_ended_jobs > 0 ? ended_jobs(state) - change.most_ended_jobs : 0;
  if (kept.latest_completed() != no_time || surplus > 0) {
    auto& find = state.db.query<old_jobs>();
    find.first_kept =
      surplus > 0 ? std::numeric_limits<std::int64_t>::max() : id_generator::first_after(kept.latest_completed());
    completed = remove(state, find.completed_before(kept, surplus, change.limit));
  }
  if (kept.latest_failed() != no_time)
    failed = remove(state, state.db.query<old_failed>().ended_before(kept, change.limit));
  if (change.events_before != no_time) {
    auto& drop = state.db.query<delete_events>();
    drop.limit = change.limit;
    drop.before = micros(change.events_before);
    events = drop.sql.run();
  }
  if (change.most_events > 0) {
    auto& drop = state.db.query<delete_surplus_events>();
    drop.limit = change.limit;
    drop.most = change.most_events;
    events += drop.sql.run();
  }
  if (change.events_before != no_time || change.most_events > 0)
    sweep_changed_rows(state.db, change.limit);
  if (change.completed_before != no_time) {
    auto& find = state.db.query<old_runs>();
    find.first_kept = id_generator::first_after(change.completed_before);
    find.before = micros(change.completed_before);
    const auto ended = find.ended(change.limit);
    for (const auto id : ended)
      state.db.query<delete_run>().remove(id);
    runs = std::ssize(ended);
  }
  if (change.occurrences_before != no_time)
    occurrences = remove_occurrences(state.db, change.occurrences_before, change.limit);
  if (change.audit_before != no_time) {
    auto& drop = state.db.query<delete_audit>();
    drop.first_kept = id_generator::first_after(change.audit_before);
    drop.limit = change.limit;
    audit = drop.sql.run();
  }
  state.db.query<unique_keys>().sweep(state.now, change.limit);
  const auto keys = sweep_once_keys(state.db, state.now - do_once::kept_for, change.limit);
  if (change.completed_before != no_time)
    sweep_shared_limits(state.db, change.completed_before, change.limit);
  context.result.created.insert(context.result.created.end(),
                                {completed, failed, events, runs, occurrences, keys, audit});
  return {};
}

result<void> apply(write_state& state, change_context& context, const flush_failed& change) {
  if (change.limit < 1)
    return failure(error_code::invalid_argument, "a flush needs a limit of at least 1");
  std::vector<ended_job> found;
  if (const auto queue = state.queues.find(change.queue)) {
    auto& find = state.db.query<failed_of_queue>();
    find.queue = *queue;
    find.before = micros(change.before);
    find.limit = change.limit;
    for (bool row = find.sql.first(); row; row = find.sql.next())
      found.push_back({find.id, *queue, job_state::failed});
  }
  context.result.created.push_back(remove(state, found));
  return {};
}

} // namespace penstock::storage
