#pragma once

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "core/progress.hpp"

namespace penstock::actors {

/// Which progress of running jobs is written when: at most once a second for each job, and the last report always.
/// For one thread.
class progress_journal {
public:
  /// A job's latest progress. True: write it now; false: it comes from `take_due`, unless a newer one does.
  [[nodiscard]] bool offer(job_id job, const progress& value, timestamp now);
  /// Reports that were held back and are due.
  [[nodiscard]] std::vector<std::pair<job_id, progress>> take_due(timestamp now);
  /// When the next held-back report is due; no_time: none is.
  [[nodiscard]] timestamp next_due() const noexcept;
  void forget(job_id job) { jobs_.erase(job); }

private:
  struct entry {
    progress_throttle throttle;
    progress latest;
  };
  std::unordered_map<job_id, entry> jobs_;
};

} // namespace penstock::actors
