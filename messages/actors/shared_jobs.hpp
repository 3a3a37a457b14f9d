#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "messages/job.hpp"

namespace penstock::actors {

/// The jobs of one hand-over. The worker runs them while the queue keeps them to settle their ends: both read the same
/// ones, which never change, so that no argument is copied.
class shared_jobs {
public:
  shared_jobs() = default;
  explicit shared_jobs(std::vector<ready_job> jobs)
      : jobs_(jobs.empty() ? nullptr : std::make_shared<const std::vector<ready_job>>(std::move(jobs))) {}

  [[nodiscard]] bool empty() const noexcept { return !jobs_; }
  [[nodiscard]] std::size_t size() const noexcept { return jobs_ ? jobs_->size() : 0; }
  [[nodiscard]] const ready_job* begin() const noexcept { return jobs_ ? jobs_->data() : nullptr; }
  [[nodiscard]] const ready_job* end() const noexcept { return begin() + size(); }
  /// Precondition of both: there is one.
  [[nodiscard]] const ready_job& front() const noexcept { return *begin(); }
  [[nodiscard]] const ready_job& operator[](std::size_t index) const noexcept { return begin()[index]; }
  void clear() noexcept { jobs_.reset(); }

private:
  std::shared_ptr<const std::vector<ready_job>> jobs_;
};

} // namespace penstock::actors
