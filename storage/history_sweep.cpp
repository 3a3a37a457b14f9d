#include "storage/history_sweep.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/id_generator.hpp"
#include "storage/changed_rows.hpp"
#include "storage/ended_rows.hpp"
#include "storage/event_sweep.hpp"
#include "storage/once_keys.hpp"
#include "storage/shared_limits.hpp"
#include "storage/statement.hpp"
#include "storage/unique_keys.hpp"

namespace penstock::storage {
namespace {

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
  std::int64_t occurrence = 0, before = 0;
  std::string schedule;
  statement sql;
  explicit delete_occurrence(session& db)
      : sql(db, "sweep occurrence",
            "DELETE FROM schedule_occurrences WHERE schedule = :schedule AND occurrence = :occurrence AND decided_at < "
            ":still_before") {
    sql.in(schedule).in(occurrence).in(before);
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
  drop.before = find.before;
  for (const auto& [schedule, occurrence] : old) {
    drop.schedule = schedule;
    drop.occurrence = occurrence;
    drop.sql.run();
  }
  return std::ssize(old);
}

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
    completed = remove_jobs(state.db, state.counts, find.completed_before(kept, surplus, change.limit));
  }
  if (kept.latest_failed() != no_time)
    failed = remove_jobs(state.db, state.counts, state.db.query<old_failed>().ended_before(kept, change.limit));
  if (change.events_before != no_time)
    events = sweep_old_events(state.db, change.events_before, change.limit);
  if (change.most_events > 0)
    events += sweep_surplus_events(state.db, change.most_events, change.limit);
  if (change.events_before != no_time || change.most_events > 0)
    sweep_changed_rows(state.db, change.limit);
  if (change.completed_before != no_time) {
    auto& find = state.db.query<old_runs>();
    find.first_kept = id_generator::first_after(change.completed_before);
    find.before = micros(change.completed_before);
    const auto ended = find.ended(change.limit);
    for (const auto id : ended)
      remove_run(state.db, id);
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
  context.result.created.push_back(remove_jobs(state.db, state.counts, found));
  return {};
}

} // namespace penstock::storage
