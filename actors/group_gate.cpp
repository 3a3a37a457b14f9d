#include "actors/group_gate.hpp"

#include <utility>

namespace penstock::actors {

void group_gate::enter(const ready_job& job) {
  if (!job.group_key.empty())
    running_.insert(job.group_key);
}

void group_gate::wait(ready_job job) {
  auto& others = waiting_[job.group_key];
  others.push_back(std::move(job));
}

std::vector<ready_job> group_gate::leave(const ready_job& job) {
  if (job.group_key.empty())
    return {};
  running_.erase(job.group_key);
  auto waited = waiting_.extract(job.group_key);
  return waited.empty() ? std::vector<ready_job>{} : std::move(waited.mapped());
}

void group_gate::drop(job_id id) {
  for (auto& [group, jobs] : waiting_)
    std::erase_if(jobs, [id](const ready_job& job) { return job.id == id; });
}

} // namespace penstock::actors
