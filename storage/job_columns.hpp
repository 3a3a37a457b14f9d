#pragma once

#include <cstdint>
#include <string>

#include "messages/job.hpp"
#include "storage/ready_columns.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The columns of a job, bound to a statement that selects `names()` from `jobs j` and `joins`. The statement's owner
/// keeps it in place.
class job_columns {
public:
  static constexpr const char* joins =
    " JOIN queues q ON q.id = j.queue_id JOIN kinds k ON k.id = j.kind_id LEFT JOIN plain_ends e ON e.job_id = j.id ";
  [[nodiscard]] static std::string names();

  void bind(statement& sql);

  /// The row that the statement stands on. Args that lie apart are left empty: see has_large_args.
  [[nodiscard]] ready_job job() const;
  /// The same with what is for show; errors, progress and children are other tables'.
  [[nodiscard]] job_record record() const;
  [[nodiscard]] bool has_large_args() const noexcept { return ready_.has_large_args(); }
  [[nodiscard]] bool has_children() const noexcept { return ready_.has_children(); }
  [[nodiscard]] std::int64_t id() const noexcept { return ready_.id(); }
  [[nodiscard]] job_state state() const noexcept {
    return plain_finish_.has_value() ? job_state::completed : static_cast<job_state>(state_);
  }

private:
  ready_columns ready_;
  std::int64_t state_ = 0, started_at_ = 0, finished_at_ = 0;
  std::string queue_, kind_;
  nullable<std::string> result_, unique_key_, triggered_by_;
  nullable<std::int64_t> plain_start_, plain_finish_; ///< of a job that completed with nothing hanging on it
};

} // namespace penstock::storage
