#include "storage/job_endings.hpp"

#include "core/id_text.hpp"
#include "core/unique_key.hpp"
#include "storage/attempt_errors.hpp"
#include "storage/body_writer.hpp"
#include "storage/child_counters.hpp"
#include "storage/deliveries.hpp"
#include "storage/integration_rows.hpp"
#include "storage/job_events.hpp"
#include "storage/job_moves.hpp"
#include "storage/job_request_loader.hpp"
#include "storage/job_ties.hpp"
#include "storage/ready_loader.hpp"
#include "storage/statement.hpp"
#include "storage/unique_keys.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

struct close_row {
  std::int64_t id = 0, state = 0, attempts = 0, ties = 0, finished = 0;
  nullable<std::int64_t> started;
  nullable<std::string> result;
  statement sql;
  explicit close_row(session& db, std::string name = "close job", const std::string& too = {})
      : sql(db, std::move(name),
            "UPDATE jobs SET state = :state, spare = 0, attempts = :attempts, ties = :ties, "
            "started_at = COALESCE(:started, started_at), finished_at = :finished, result = COALESCE(:result, result)" +
              too + " WHERE id = :id") {
    sql.in(state).in(attempts).in(ties).in(started).in(finished).in(result).in(id);
  }
};

struct close_row_and_drop_payload : close_row {
  explicit close_row_and_drop_payload(session& db) : close_row(db, "close job with payload", ", payload = NULL") {}
};

struct drop_payload_of_row {
  std::int64_t id = 0;
  statement sql;
  explicit drop_payload_of_row(session& db)
      : sql(db, "drop payload",
            "UPDATE jobs SET payload = NULL, ties = ties - (ties & " + std::to_string(job_ties::any_payload) +
              ") WHERE id = :id") {
    sql.in(id);
  }
};

/// Children read the payload of their parent: while one may be retried, it stays.
bool has_failed_children(session& db, const job_row& job) {
  if ((job.ties & job_ties::children) == 0 || (job.ties & job_ties::any_payload) == 0)
    return false;
  return read_child_counts(db, job.id).failed > 0;
}

struct insert_stop {
  std::int64_t run = 0, job = 0;
  std::string stream;
  statement sql;
  explicit insert_stop(session& db)
      : sql(db, "stop stream",
            "INSERT INTO run_streams (run_id, stream, stopped_by_job) VALUES (:run, :stream, :job) "
            "ON CONFLICT (run_id, stream) DO NOTHING") {
    sql.in(run).in(stream).in(job);
  }
};

/// Those that came after a job, by their ids. What was fetched before one that failed waits to be stored, and is.
struct later_stream_jobs {
  std::int64_t run = 0, after = 0, id = 0;
  std::string stream;
  statement sql;
  explicit later_stream_jobs(session& db)
      : sql(db, "find later jobs of stream",
            "SELECT id FROM jobs WHERE run_id = :run AND stream = :stream AND id > :after AND state = 0 "
            "AND stream IS NOT NULL") {
    sql.in(run).in(stream).in(after).out(id);
  }
};

struct waiting_of_run {
  std::int64_t run = 0, id = 0, kind = 0;
  statement sql;
  explicit waiting_of_run(session& db)
      : sql(db, "find waiting jobs of run", "SELECT id, kind_id FROM jobs WHERE run_id = :run AND state = 0") {
    sql.in(run).out(id).out(kind);
  }
};

struct open_children {
  std::int64_t parent = 0, id = 0;
  statement sql;
  explicit open_children(session& db)
      : sql(db, "find open children",
            "SELECT id FROM jobs WHERE parent_id = :parent AND state < 3 AND parent_id IS NOT NULL") {
    sql.in(parent).out(id);
  }
};

template <class Query>
std::vector<job_id> all_ids(Query& query) {
  std::vector<job_id> ids;
  for (bool row = query.sql.first(); row; row = query.sql.next())
    ids.push_back({query.id});
  return ids;
}

} // namespace

void job_endings::close(job_row job, job_state as, job_closing how) {
  auto& db = state_.db;
  state_.news.note_ended(job.id);
  auto from = job.state;
  if (from == job_state::waiting && (how.active || (!can_move(from, as) && state_.slots.holds(job.id))))
    from = job_state::active;
  require_move(job.id, from, as);
  if (is_ended(as) && (job.ties & job_ties::once_more) != 0) {
    note_once_more(job); // before its args go
    job.ties &= ~job_ties::once_more;
  }
  bool drop_payload = false;
  if (as == job_state::completed && !has_failed_children(db, job)) {
    if ((job.ties & (job_ties::payload | job_ties::large_args)) != 0)
      remove_bodies(db, job.id.value);
    drop_payload = (job.ties & job_ties::small_payload) != 0;
    job.ties &= ~(job_ties::any_payload | job_ties::large_args);
  }
  if (job.state == job_state::waiting)
    remove_waiting(db, job);
  auto& row = drop_payload ? db.query<close_row_and_drop_payload>() : db.query<close_row>();
  row.id = job.id.value;
  row.state = static_cast<std::int64_t>(as);
  row.attempts = how.attempts;
  row.ties = job.ties;
  row.started.clear();
  if (how.started_at)
    row.started.set(micros(*how.started_at));
  row.finished = micros(how.finished_at == no_time ? state_.now : how.finished_at);
  row.result.set_or_null(how.result);
  row.sql.post();
  state_.counts.move(job.queue, job.state, as);
  if (as == job_state::awaiting_children) {
    if ((job.ties & job_ties::group) != 0)
      release_group(job.queue, job.group); // it never runs again: the next of its group may
    return;
  }
  if (how.failure)
    record_attempt_error(db, job.id, how.attempts, *how.failure, state_.now, state_.house.node_name);
  if ((job.ties & job_ties::unique_key) != 0) {
    db.query<unique_keys>().release(unique_key_text(job.organisation, state_.kinds.name_of(job.kind), job.unique_key),
                                    job.id, state_.now);
  }
  job.attempts = how.attempts;
  closed_.push_back({std::move(job), as, std::move(how.failure), how.tell});
}

/// What was asked for while it ran: the same again, from the row as it stands.
void job_endings::note_once_more(const job_row& job) {
  auto again = load_request(state_.db, job.id);
  if (!again)
    return;
  again->triggered_by = "job:" + to_string(job.id);
  again_.push_back(std::move(*again));
}

void job_endings::settle() {
  // What follows may close more jobs: they wait their turn at the end of the list.
  for (std::size_t i = 0; i < closed_.size(); ++i)
    follow(closed_job{closed_[i]});
  closed_.clear();
}

void job_endings::follow(const closed_job& closed) {
  const auto& job = closed.job;
  if (closed.as == job_state::failed)
    note_failure(closed);
  if (closed.as != job_state::completed && job.run && !job.stream.empty())
    stop_stream(job, closed.as == job_state::failed);
  if (closed.as == job_state::cancelled && (job.ties & job_ties::children) != 0)
    cancel_children(job);
  if (closed.tell && closed.as != job_state::completed)
    raise_event(closed);
  if ((job.ties & job_ties::group) != 0)
    release_group(job.queue, job.group);
  if (job.parent)
    tell_parent(closed);
  if (job.run)
    end_run_of(closed);
  if (is_delivery(job))
    note_delivery(state_, job, closed.as, closed.failure);
}

void job_endings::note_failure(const closed_job& closed) {
  if (!closed.failure)
    return;
  if (closed.job.run)
    runs_.note_failure(closed.job.run, *closed.failure);
  if (closed.failure->code == error_code::requires_reauth && closed.job.integration)
    require_consent(closed);
}

void job_endings::require_consent(const closed_job& closed) {
  auto about = find_integration_row(state_.db, closed.job.integration);
  if (!about)
    return;
  if (about->live_run) {
    runs_.note_failure(about->live_run, *closed.failure); // its end asks for consent
    cancel_calls_of(about->live_run, closed.job.id);
    return;
  }
  const auto status = about->schedule.status;
  if (status != integration_status::idle && status != integration_status::failed)
    return;
  about->schedule.status = integration_status::requires_reauth;
  about->schedule.next_due_at = no_time;
  about->last_error = closed.failure->message;
  about->updated_at = state_.now;
  update_integration_row(state_.db, *about);
  state_.raise(integration_event("integration.requires_reauth", *about, closed.failure->message));
}

/// Each call would be refused too, and might spend another token on finding that out. Pages that were fetched are stored.
void job_endings::cancel_calls_of(run_id run, job_id refused) {
  auto& jobs = state_.db.query<waiting_of_run>();
  jobs.run = run.value;
  std::vector<job_id> calls;
  for (bool row = jobs.sql.first(); row; row = jobs.sql.next()) {
    const auto* kind = state_.house.kinds->find(state_.kinds.name_of(jobs.kind));
    if (kind != nullptr && kind->style == handler_style::fetch)
      calls.push_back({jobs.id});
  }
  std::erase_if(calls, [&](job_id id) { return state_.slots.holds(id); }); // it finds out by itself
  cancel_all(calls,
             "job " + to_string(refused) + " was told that a person must authorise again: nothing more is asked");
}

void job_endings::stop_stream(const job_row& job, bool failed) {
  const auto run = runs_.find(job.run);
  if (!run || run->state != run_state::running)
    return;
  auto& stop = state_.db.query<insert_stop>();
  stop.run = job.run.value;
  stop.stream = job.stream;
  stop.job = job.id.value;
  stop.sql.post();
  auto& jobs = state_.db.query<later_stream_jobs>();
  jobs.run = job.run.value;
  jobs.stream = job.stream;
  jobs.after = job.id.value;
  cancel_all(all_ids(jobs), "job " + to_string(job.id) + (failed ? " failed" : " was cancelled") +
                              ": its stream is stopped for this run");
}

void job_endings::cancel_children(const job_row& job) {
  auto& children = state_.db.query<open_children>();
  children.parent = job.id.value;
  cancel_all(all_ids(children), "job " + to_string(job.id) + " was cancelled, which awaited this one");
}

void job_endings::cancel_all(const std::vector<job_id>& ids, const std::string& reason) {
  for (const auto id : ids)
    if (auto job = find_job_row(state_.db, id); job && !is_ended(job->state)) {
      job_closing how;
      how.failure = error{error_code::cancelled, reason};
      how.attempts = job->attempts;
      if (job->state == job_state::waiting)
        how.started_at = no_time;
      how.tell = false;
      close(std::move(*job), job_state::cancelled, std::move(how));
    }
}

void job_endings::release_group(std::int64_t queue, const std::string& group) {
  const auto first = first_of_group(state_.db, queue, group);
  if (!first || state_.slots.holds(*first))
    return;
  if (auto ready = load_ready_job(state_.db, *first))
    state_.news.add(std::move(*ready));
}

void job_endings::tell_parent(const closed_job& closed) {
  const auto& job = closed.job;
  move_child(state_.db, job.parent, job_state::waiting, closed.as);
  const auto counts = read_child_counts(state_.db, job.parent);
  if (counts.open > 0)
    return;
  auto parent = find_job_row(state_.db, job.parent);
  if (!parent)
    return;
  if (parent->state == job_state::awaiting_children) // else its own work is not done, or it has ended
    close_after_children(std::move(*parent), counts, closed.failure);
  else if (parent->state == job_state::completed && counts.failed == 0 && (parent->ties & job_ties::any_payload) != 0)
    drop_payload(*parent); // it stayed for this retry
}

void job_endings::drop_payload(const job_row& job) {
  if ((job.ties & job_ties::payload) != 0)
    remove_bodies(state_.db, job.id.value);
  auto& row = state_.db.query<drop_payload_of_row>();
  row.id = job.id.value;
  row.sql.post();
}

void job_endings::close_after_children(job_row parent, const child_counts& counts, const std::optional<error>& last) {
  const auto as = root_end_after_children({counts.completed, counts.failed, counts.cancelled});
  job_closing how;
  how.attempts = parent.attempts;
  if (as == job_state::failed)
    how.failure = error{last ? last->code : error_code::cancelled,
                        "none of its jobs completed" + (last ? ": " + last->message : std::string{})};
  close(std::move(parent), as, std::move(how));
}

void job_endings::end_run_of(const closed_job& closed) {
  const auto run = runs_.find(closed.job.run);
  if (run && run->root == closed.job.id && run->state == run_state::running)
    runs_.end(*run, closed.as);
}

void job_endings::raise_event(const closed_job& closed) {
  state_.raise(job_ended_event(state_.db, closed.job, closed.as, closed.failure, state_.kinds.name_of(closed.job.kind),
                               state_.queues.name_of(closed.job.queue)));
}

} // namespace penstock::storage
