#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

#include "core/ids.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Completes jobs that nothing hangs on, as plain_completions does, where a statement is a round trip: all that wait in
/// one, whatever their queues and times. The UPDATE is the fence, and says which jobs it changed.
class array_completions {
public:
  explicit array_completions(session& db);
  ~array_completions();

  /// A job to be completed. One that is named twice is completed once.
  void add(job_id job, std::int64_t queue, std::int64_t attempts, std::int64_t started_at, std::int64_t finished_at);

  /// Completes those that were added. Which.
  [[nodiscard]] std::unordered_set<job_id> run();

private:
  struct update;

  session& db_;
  std::unique_ptr<update> sql_;
  std::size_t count_ = 0;
};

} // namespace penstock::storage
