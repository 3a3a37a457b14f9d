#pragma once

#include <cstdint>
#include <string>

#include "messages/job.hpp"
#include "storage/job_ties.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The columns of a job that its queue must know, bound to a statement that selects `names` from `jobs j`. The
/// statement's owner keeps it in place.
class ready_columns {
public:
  static constexpr const char* names =
    "j.id, j.kind_id, j.priority, j.attempts, j.ties, j.run_at, j.args, j.max_attempts, j.backoff, j.timeout_us, "
    "j.group_key, j.stream, j.integration_id, j.organisation_id, j.run_id, j.parent_id, j.trace_id";

  void bind(statement& sql);

  /// The row that the statement stands on. Args that lie apart are left empty: see has_large_args.
  [[nodiscard]] ready_job job(const std::string& queue, const std::string& kind) const;
  [[nodiscard]] bool has_large_args() const noexcept { return (ties_ & job_ties::large_args) != 0; }
  [[nodiscard]] bool has_children() const noexcept { return (ties_ & job_ties::children) != 0; }
  [[nodiscard]] std::int64_t id() const noexcept { return id_; }
  [[nodiscard]] std::int64_t kind_id() const noexcept { return kind_id_; }

private:
  std::int64_t id_ = 0, kind_id_ = 0, priority_ = 0, attempts_ = 0, ties_ = 0, run_at_ = 0;
  nullable<std::string> args_, backoff_, group_key_, stream_, trace_id_;
  nullable<std::int64_t> max_attempts_, timeout_us_, integration_id_, organisation_id_, run_id_, parent_id_;
};

} // namespace penstock::storage
