#include "actors/progress_journal.hpp"

#include <algorithm>

namespace penstock::actors {

bool progress_journal::offer(job_id job, const progress& value, timestamp now) {
  auto& known = jobs_[job];
  known.latest = value;
  return known.throttle.offer(now);
}

std::vector<std::pair<job_id, progress>> progress_journal::take_due(timestamp now) {
  std::vector<std::pair<job_id, progress>> due;
  for (auto& [job, known] : jobs_)
    if (const auto at = known.throttle.due_at(); at && *at <= now && known.throttle.offer(now))
      due.emplace_back(job, known.latest);
  return due;
}

timestamp progress_journal::next_due() const noexcept {
  timestamp next = no_time;
  for (const auto& [job, known] : jobs_)
    if (const auto at = known.throttle.due_at(); at && (next == no_time || *at < next))
      next = *at;
  return next;
}

} // namespace penstock::actors
