#include "storage/attempt_ends.hpp"

#include "core/id_text.hpp"
#include "storage/attempt_errors.hpp"
#include "storage/child_counters.hpp"
#include "storage/job_ties.hpp"
#include "storage/ready_loader.hpp"
#include "storage/statement.hpp"
#include "storage/waiting_rows.hpp"

namespace penstock::storage {
namespace {

struct put_job_back {
  std::int64_t attempts = 0, run_at = 0, id = 0;
  statement sql;
  explicit put_job_back(session& db)
      : sql(db, "put job back", "UPDATE jobs SET attempts = :attempts, run_at = :run_at WHERE id = :id") {
    sql.in(attempts).in(run_at).in(id);
  }
};

error failure_of(const attempt_end& end) {
  if (end.failure)
    return *end.failure;
  return end.outcome == attempt_outcome::cancelled ? error{error_code::cancelled, "cancelled while it ran"}
                                                   : error{error_code::internal, "its handler gave no reason"};
}

} // namespace

result<job_row> attempt_ends::begin(const attempt_end& end, bool adopts) {
  auto found = find_job_row(state_.db, end.job);
  if (!found || found->state != job_state::waiting || found->attempts != end.attempts)
    return failure(error_code::conflict, "job " + to_string(end.job) + " is not under attempt " +
                                           std::to_string(end.attempts + 1) + " any more: its result is dropped");
  if (state_.slots.is_anothers(end.job))
    return failure(error_code::conflict, "job " + to_string(end.job) +
                                           " is another node's to run: this one lost its lease, its result is dropped");
  job_closing how;
  how.active = true;
  how.result = end.result;
  how.started_at = end.started_at;
  how.finished_at = end.finished_at;
  how.attempts = found->attempts + 1;
  switch (end.outcome) {
    case attempt_outcome::succeeded: {
      const auto as = own_work_done(*found, adopts);
      if (as == job_state::failed)
        how.failure = error{error_code::cancelled, "none of its jobs completed"};
      endings_.close(*found, as, std::move(how));
      break;
    }
    case attempt_outcome::retry:
      record_attempt_error(state_.db, found->id, found->attempts + 1, failure_of(end),
                           end.finished_at == no_time ? state_.now : end.finished_at, state_.house.node_name);
      put_back(*found, found->attempts + 1, end.run_again_at);
      break;
    case attempt_outcome::postponed: put_back(*found, found->attempts, end.run_again_at); break;
    case attempt_outcome::failed:
      how.failure = failure_of(end);
      endings_.close(*found, job_state::failed, std::move(how));
      break;
    case attempt_outcome::cancelled:
      how.failure = failure_of(end);
      endings_.close(*found, job_state::cancelled, std::move(how));
      break;
  }
  return std::move(*found);
}

job_state attempt_ends::own_work_done(const job_row& job, bool adopts) {
  if (adopts)
    return job_state::awaiting_children;
  if ((job.ties & job_ties::children) == 0)
    return job_state::completed;
  const auto counts = read_child_counts(state_.db, job.id);
  return counts.open > 0 ? job_state::awaiting_children
                         : root_end_after_children({counts.completed, counts.failed, counts.cancelled});
}

job_state attempt_ends::finish(const attempt_end& end) {
  auto job = find_job_row(state_.db, end.job);
  if (job && job->state == job_state::awaiting_children) {
    // The children that the unit announced may all have been dropped or have been other jobs' already.
    const auto counts = read_child_counts(state_.db, job->id);
    if (counts.open == 0)
      endings_.close_after_children(std::move(*job), counts, std::nullopt);
  }
  endings_.settle();
  job = find_job_row(state_.db, end.job);
  return job ? job->state : job_state::cancelled;
}

void attempt_ends::put_back(const job_row& job, std::int64_t attempts, timestamp run_at) {
  remove_waiting(state_.db, job);
  auto& back = state_.db.query<put_job_back>();
  back.attempts = attempts;
  back.run_at = micros(run_at == no_time ? state_.now : run_at);
  back.id = job.id.value;
  back.sql.post();
  if (job.group.empty())
    insert_waiting(state_.db, {job.queue, job.priority, back.run_at, job.id.value, attempts, job.ties != 0});
  if ((job.ties & job_ties::group) != 0 && first_of_group(state_.db, job.queue, job.group) != job.id) {
    endings_.release_group(job.queue, job.group);
    return;
  }
  if (auto ready = load_ready_job(state_.db, job.id))
    state_.news.add(std::move(*ready));
}

} // namespace penstock::storage
