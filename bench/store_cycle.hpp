#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/id_generator.hpp"
#include "core/system_clock.hpp"
#include "messages/job_kind.hpp"
#include "storage/database.hpp"
#include "storage/write_session.hpp"

namespace penstock::bench {

/// A store alone, without actors and threads: what a job costs there. SQLite in memory.
class store_cycle {
public:
  store_cycle();

  /// So many jobs in one commit.
  void enqueue(std::size_t count);
  /// Claims the oldest `count` of those that were enqueued and ends them well, in two commits, as a worker slot does.
  void claim_and_complete(std::size_t count);

  [[nodiscard]] std::size_t waiting() const noexcept { return ready_.size() - taken_; }

private:
  storage::group_result commit(storage::write_batch batch);

  system_wall_clock clock_;
  id_generator ids_{clock_, 1};
  job_kind_catalogue kinds_;
  std::unique_ptr<storage::database> database_;
  std::unique_ptr<storage::write_session> writer_;
  std::vector<ready_job> ready_;
  std::size_t taken_ = 0;
  std::int64_t number_ = 0;
};

} // namespace penstock::bench
