#pragma once

#include <optional>

#include "messages/unit_of_work.hpp"
#include "storage/job_endings.hpp"

namespace penstock::storage {

/// The end of one attempt inside a unit of work: the fence first, and what follows after the unit's own writes.
class attempt_ends {
public:
  attempt_ends(write_state& state, job_endings& endings) : state_(state), endings_(endings) {}

  /// Refuses with `conflict` unless the job waits under exactly this attempt; writes its row. `adopts`: the unit
  /// enqueues children of the job. The job as it was.
  [[nodiscard]] result<job_row> begin(const attempt_end& end, bool adopts);

  /// After the unit's jobs are written: the state that the attempt ended in.
  [[nodiscard]] job_state finish(const attempt_end& end);

  /// A waiting job runs again later. `attempts` is how many have ended.
  void put_back(const job_row& job, std::int64_t attempts, timestamp run_at);

private:
  [[nodiscard]] job_state own_work_done(const job_row& job, bool adopts);

  write_state& state_;
  job_endings& endings_;
};

} // namespace penstock::storage
