#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "messages/job.hpp"

namespace penstock::actors {

/// Which groups have a job in a slot, and the jobs that must not run beside it. The store tells only of the first of a
/// group; a job that a person retries may stand before one that runs already. For one thread.
class group_gate {
public:
  /// Whether a job of the same group holds a slot.
  [[nodiscard]] bool closed_for(const ready_job& job) const {
    return !job.group_key.empty() && running_.contains(job.group_key);
  }
  /// The job takes a slot.
  void enter(const ready_job& job);
  /// The job found its group closed: it comes back from `leave`.
  void wait(ready_job job);
  /// The job has left its slot. Those that waited for it.
  [[nodiscard]] std::vector<ready_job> leave(const ready_job& job);
  /// Forgets a job that waits.
  void drop(job_id id);

private:
  std::unordered_set<std::string> running_;
  std::unordered_map<std::string, std::vector<ready_job>> waiting_;
};

} // namespace penstock::actors
