#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "messages/job.hpp"
#include "storage/job_row.hpp"
#include "storage/run_writer.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// What is known of an end beside the state.
struct job_closing {
  std::optional<error> failure;
  std::string result;
  std::optional<timestamp> started_at; ///< absent: as it was
  timestamp finished_at = no_time;
  std::int64_t attempts = 0; ///< from now on
  bool tell = true;          ///< raise job.failed or job.cancelled
  bool active = false;       ///< an attempt ends with it, or died with the process: its row says `waiting`
};

/// Ends jobs with all that follows: keys are free again, payloads go (unless children failed that read it), groups and parents move on, streams stop, runs
/// end, events are raised. In two steps, so that a unit's own jobs can come between: `close` writes the job's own row,
/// `settle` does the rest, for it and for all that end because of it.
class job_endings {
public:
  job_endings(write_state& state, run_writer& runs) : state_(state), runs_(runs) {}

  /// Moves a job that waits or awaits its children to `as`: awaiting_children, completed, failed or cancelled. A move
  /// that job_state.hpp does not allow is a bug: it throws, and nothing is written.
  void close(job_row job, job_state as, job_closing how);

  /// What follows from all that was closed since the last time.
  void settle();

  /// Forgets what was closed: the unit or the transaction is undone.
  void discard() noexcept {
    closed_.clear();
    again_.clear();
  }

  /// Jobs that somebody asked for while the ended ones held their keys: to be enqueued after `settle`.
  [[nodiscard]] std::vector<job_request> take_once_more() { return std::exchange(again_, {}); }

  /// Ends a job whose own work is done and whose last child has ended; `last` is how that one failed, if it did.
  void close_after_children(job_row parent, const child_counts& counts, const std::optional<error>& last);

  /// Tells the first of a group, if nothing of it runs.
  void release_group(std::int64_t queue, const std::string& group);

private:
  struct closed_job {
    job_row job;
    job_state as;
    std::optional<error> failure;
    bool tell;
  };

  void note_once_more(const job_row& job);
  void follow(const closed_job& closed);
  void note_failure(const closed_job& closed);
  void require_consent(const closed_job& closed);
  void cancel_calls_of(run_id run, job_id refused);
  void stop_stream(const job_row& job, bool failed);
  void cancel_children(const job_row& job);
  void tell_parent(const closed_job& closed);
  void drop_payload(const job_row& job);
  void end_run_of(const closed_job& closed);
  void raise_event(const closed_job& closed);
  void cancel_all(const std::vector<job_id>& ids, const std::string& reason);

  write_state& state_;
  run_writer& runs_;
  std::vector<closed_job> closed_;
  std::vector<job_request> again_;
};

} // namespace penstock::storage
