#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/attempt_ends.hpp"
#include "storage/change_context.hpp"
#include "storage/job_endings.hpp"

namespace penstock::storage {

/// Changes of jobs and queues that people and the engine ask for (see engine_change.hpp for what each requires).
/// What follows from the ends that they close is left to the caller: job_endings::settle.
class job_changes {
public:
  job_changes(write_state& state, job_endings& endings) : state_(state), endings_(endings) {}

  [[nodiscard]] result<void> apply(const cancel_job& change);
  [[nodiscard]] result<void> apply(change_context& context, const retry_job& change);
  [[nodiscard]] result<void> apply(const fail_crashed& change);
  [[nodiscard]] result<void> apply(const clear_suspect& change);
  [[nodiscard]] result<void> apply(const write_progress& change);
  [[nodiscard]] result<void> apply(const pause_queue& change);
  [[nodiscard]] result<void> apply(const set_maintenance& change);

  /// Ends a job that waits or awaits its children as cancelled; any other stays. See unit_effects::cancel.
  /// False: it had ended already.
  bool cancel(job_id id, const std::string& reason, bool tell);

  /// Fails a waiting job that was running alone at too many deaths of the process.
  void fail_as_crashed(job_row job);

private:
  /// Refuses a retry that would run for nothing: what the job hands on is dropped (see job_enqueuer).
  [[nodiscard]] result<void> takes_work_again(const job_row& job);

  write_state& state_;
  job_endings& endings_;
};

} // namespace penstock::storage
