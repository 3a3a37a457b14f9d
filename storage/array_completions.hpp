#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>

#include "core/ids.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Completes jobs that nothing hangs on, as plain_completions and grouped_completions do, where a statement is a round
/// trip: all without a group in one and all with a group in another, whatever their queues and times. The DELETE and the
/// UPDATE are the fences, and say which jobs they changed.
class array_completions {
public:
  explicit array_completions(session& db);
  ~array_completions();

  struct end {
    job_id job{};
    std::int64_t queue = 0, attempts = 0;
    std::int64_t started_at = 0, finished_at = 0; ///< microseconds since the epoch
    bool grouped = false;
    std::int64_t priority = 0, run_at = 0; ///< where it waited, without a group
  };
  /// A job to be completed; name it once.
  void add(const end& job);

  /// Completes those that were added. Which.
  [[nodiscard]] std::unordered_set<job_id> run();

  /// Forgets those that were added and not completed: the transaction is undone.
  void discard() noexcept;

private:
  struct grouped;
  struct plain;

  session& db_;
  std::unique_ptr<grouped> grouped_;
  std::unique_ptr<plain> plain_;
};

} // namespace penstock::storage
