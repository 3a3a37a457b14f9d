#pragma once

#include <cstdint>
#include <string>

#include "messages/job.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The columns of a job, bound to a statement that selects `names` from `tables`. The statement's owner keeps it in
/// place.
class job_columns {
public:
  static constexpr const char* names =
    "j.id, q.name, k.name, j.state, j.priority, j.attempts, j.ties, j.run_at, j.args, j.started_at, j.finished_at, "
    "j.result, j.max_attempts, j.backoff, j.timeout_us, j.unique_key, j.group_key, j.stream, j.integration_id, "
    "j.organisation_id, j.run_id, j.parent_id, j.triggered_by, j.trace_id";
  static constexpr const char* joins = " JOIN queues q ON q.id = j.queue_id JOIN kinds k ON k.id = j.kind_id ";

  void bind(statement& sql);

  /// The row that the statement stands on. Args that lie apart are left empty: see has_large_args.
  [[nodiscard]] ready_job job() const;
  /// The same with what is for show; errors, progress and children are other tables'.
  [[nodiscard]] job_record record() const;
  [[nodiscard]] bool has_large_args() const noexcept;
  [[nodiscard]] bool has_children() const noexcept;
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  [[nodiscard]] job_state state() const noexcept { return static_cast<job_state>(state_); }

private:
  std::int64_t id_ = 0, state_ = 0, priority_ = 0, attempts_ = 0, ties_ = 0, run_at_ = 0, started_at_ = 0,
               finished_at_ = 0;
  std::string queue_, kind_;
  nullable<std::string> args_, result_, backoff_, unique_key_, group_key_, stream_, triggered_by_, trace_id_;
  nullable<std::int64_t> max_attempts_, timeout_us_, integration_id_, organisation_id_, run_id_, parent_id_;
};

} // namespace penstock::storage
