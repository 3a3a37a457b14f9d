#include "storage/job_changes.hpp"

#include <boost/json.hpp>

#include "core/id_text.hpp"
#include "core/unique_key.hpp"
#include "storage/child_counters.hpp"
#include "storage/job_moves.hpp"
#include "storage/job_ties.hpp"
#include "storage/ready_loader.hpp"
#include "storage/statement.hpp"
#include "storage/stream_stop.hpp"
#include "storage/unique_keys.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

struct wait_again {
  std::int64_t run_at = 0, id = 0;
  statement sql;
  explicit wait_again(session& db)
      : sql(db, "retry failed job",
            "UPDATE jobs SET state = 0, spare = 2, attempts = 0, run_at = :run_at WHERE id = :id") {
    sql.in(run_at).in(id);
  }
};

struct delete_suspect {
  std::int64_t id = 0;
  statement sql;
  explicit delete_suspect(session& db) : sql(db, "clear suspect", "DELETE FROM suspects WHERE job_id = :id") {
    sql.in(id);
  }
};

struct upsert_progress {
  std::int64_t job = 0, at = 0;
  std::string stage, message;
  nullable<std::int64_t> percent, done, total, remaining;
  statement sql;
  explicit upsert_progress(session& db)
      : sql(db, "write progress",
            "INSERT INTO job_progress (job_id, stage, message, percent, done, total, remaining_us, at) VALUES (:job, "
            ":stage, :message, :percent, :done, :total, :remaining, :at) ON CONFLICT (job_id) DO UPDATE SET "
            "stage = excluded.stage, message = excluded.message, percent = excluded.percent, done = excluded.done, "
            "total = excluded.total, remaining_us = excluded.remaining_us, at = excluded.at") {
    sql.in(job).in(stage).in(message).in(percent).in(done).in(total).in(remaining).in(at);
  }
};

/// A row is there while maintenance is on.
struct put_maintenance {
  std::int64_t since = 0;
  std::string by;
  statement begin, end;
  explicit put_maintenance(session& db)
      : begin(db, "begin maintenance",
              "INSERT INTO maintenance (id, since, asked_by) VALUES (1, :since, :by) ON CONFLICT (id) DO NOTHING"),
        end(db, "end maintenance", "DELETE FROM maintenance WHERE id = 1") {
    begin.in(since).in(by);
  }
};

struct set_paused {
  std::int64_t paused = 0, id = 0, unlike = 0;
  statement sql;
  explicit set_paused(session& db)
      : sql(db, "pause queue", "UPDATE queues SET paused = :paused WHERE id = :id AND paused <> :unlike") {
    sql.in(paused).in(id).in(unlike);
  }
};

template <class T>
void set_optional(nullable<std::int64_t>& column, const std::optional<T>& value) {
  column.clear();
  if (value)
    column.set(static_cast<std::int64_t>(*value));
}

auto no_job(job_id id) { return failure(error_code::not_found, "there is no job " + to_string(id)); }

auto in_state(job_id id, std::string_view shown, std::string_view wanted) {
  return failure(error_code::conflict,
                 "job " + to_string(id) + " is " + std::string{shown} + ", not " + std::string{wanted});
}

} // namespace

result<void> job_changes::apply(const cancel_job& change) {
  const auto job = find_job_row(state_.db, change.id);
  if (!job)
    return no_job(change.id);
  if (is_ended(job->state))
    return in_state(change.id, to_string(job->state), "waiting");
  if (job->state == job_state::waiting && state_.slots.holds_until_commit(change.id))
    return in_state(change.id, "active", "waiting: ask its queue to cancel it");
  // A job on whose end nothing hangs ends without a lock on its row: another node may have ended it meanwhile.
  if (!cancel(change.id, change.reason.empty() ? "cancelled by a person" : change.reason, true))
    return in_state(change.id, "ended", "waiting");
  return {};
}

bool job_changes::cancel(job_id id, const std::string& reason, bool tell) {
  auto job = find_job_row(state_.db, id);
  if (!job || is_ended(job->state))
    return false;
  job_closing how;
  how.failure = error{error_code::cancelled, reason};
  how.attempts = job->attempts;
  if (job->state == job_state::waiting)
    how.started_at = no_time;
  how.tell = tell;
  endings_.close(std::move(*job), job_state::cancelled, std::move(how));
  return true;
}

result<void> job_changes::takes_work_again(const job_row& job) {
  if (!job.run)
    return {};
  auto& stop = state_.db.query<stream_stop>();
  stop.look_up(job.run, job.stream);
  if (!stop.stream_stopped() && !stop.run_cancelled())
    return {};
  const std::string integration = job.integration ? to_string(job.integration) : std::string{"ID"};
  return failure(error_code::conflict,
                 "job " + to_string(job.id) + ": " +
                   (stop.stream_stopped() ? "its stream was stopped in this run" : "its run was cancelled") +
                   ", what it would fetch is dropped: start a new sync (penstock integrations fetch " + integration +
                   " --force)");
}

result<void> job_changes::apply(change_context& context, const retry_job& change) {
  auto job = find_job_row(state_.db, change.id);
  if (!job)
    return no_job(change.id);
  if (job->state != job_state::failed)
    return in_state(change.id, to_string(job->state), "failed");
  require_move(job->id, job->state, job_state::waiting);
  if (auto open = takes_work_again(*job); !open)
    return open;
  if ((job->ties & job_ties::unique_key) != 0) {
    const auto key = unique_key_text(job->organisation, state_.kinds.name_of(job->kind), job->unique_key);
    const auto holder = state_.db.query<unique_keys>().take(key, change.id, std::nullopt, state_.now);
    if (holder != change.id) {
      context.result.created.push_back(holder.value);
      return {};
    }
  }
  auto& again = state_.db.query<wait_again>();
  again.run_at = micros(state_.now);
  again.id = change.id.value;
  again.sql.run();
  if (job->group.empty())
    insert_waiting(state_.db, {job->queue, job->priority, micros(state_.now), job->id.value, 0, job->ties != 0});
  state_.counts.move(job->queue, job_state::failed, job_state::waiting);
  if (job->parent)
    reopen_child(state_.db, job->parent);
  if ((job->ties & job_ties::children) != 0)
    forget_ended_children(state_.db, job->id); // or a perfect second run would end with the failures of the first
  context.result.created.push_back(change.id.value);
  if ((job->ties & job_ties::group) != 0 && first_of_group(state_.db, job->queue, job->group) != job->id)
    return {};
  if (auto ready = load_ready_job(state_.db, job->id))
    state_.news.add(std::move(*ready));
  return {};
}

result<void> job_changes::apply(const fail_crashed& change) {
  auto job = find_job_row(state_.db, change.id);
  if (!job)
    return no_job(change.id);
  if (job->state != job_state::waiting)
    return in_state(change.id, to_string(job->state), "waiting");
  fail_as_crashed(std::move(*job));
  return {};
}

void job_changes::fail_as_crashed(job_row job) {
  auto& suspect = state_.db.query<delete_suspect>();
  suspect.id = job.id.value;
  suspect.sql.run();
  job_closing how;
  how.failure = error{error_code::crashed, "the process died three times while this job ran alone"};
  how.attempts = job.attempts + 1;
  how.started_at = no_time;
  how.active = true;
  endings_.close(std::move(job), job_state::failed, std::move(how));
}

result<void> job_changes::apply(const clear_suspect& change) {
  auto& suspect = state_.db.query<delete_suspect>();
  suspect.id = change.id.value;
  suspect.sql.run();
  return {};
}

result<void> job_changes::apply(const write_progress& change) {
  const auto job = find_job_row(state_.db, change.id);
  if (!job)
    return no_job(change.id);
  if (job->state != job_state::waiting)
    return {}; // it ended meanwhile: nobody waits for its progress
  auto& row = state_.db.query<upsert_progress>();
  row.job = change.id.value;
  row.stage = change.value.stage;
  row.message = change.value.message;
  set_optional(row.percent, change.value.percent);
  set_optional(row.done, change.value.done);
  set_optional(row.total, change.value.total);
  row.remaining.clear();
  if (change.value.remaining)
    row.remaining.set(change.value.remaining->count());
  row.at = micros(state_.now);
  row.sql.run();
  return {};
}

result<void> job_changes::apply(const pause_queue& change) {
  if (change.name.empty())
    return failure(error_code::invalid_argument, "a queue needs a name");
  auto& set = state_.db.query<set_paused>();
  set.id = state_.queues.id_of(change.name);
  set.paused = set.unlike = change.paused ? 1 : 0;
  if (set.sql.run() == 0)
    return {}; // it is so already
  state_.raise({.type = change.paused ? "queue.paused" : "queue.resumed",
                .subject = "queues/" + change.name,
                .data = boost::json::serialize(boost::json::object{{"queue", change.name}}),
                .integration = {},
                .organisation = {}});
  return {};
}

result<void> job_changes::apply(const set_maintenance& change) {
  auto& state = state_.db.query<put_maintenance>();
  state.since = micros(state_.now);
  state.by = change.by;
  if ((change.on ? state.begin : state.end).run() == 0)
    return {}; // it is so already
  state_.raise({.type = change.on ? "maintenance.began" : "maintenance.ended",
                .subject = "maintenance",
                .data = boost::json::serialize(boost::json::object{{"by", change.by}}),
                .integration = {},
                .organisation = {}});
  return {};
}

} // namespace penstock::storage
