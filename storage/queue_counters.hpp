#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/job_state.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// How many jobs of each queue are in each stored state: by how much a transaction moves them, written once a commit
/// for each count that changed. Always in the same order, and last: nodes that commit at the same time wait for each
/// other here, never in a circle.
class queue_counters {
public:
  using state_counts = std::array<std::int64_t, job_state_count>;

  explicit queue_counters(session& db) : db_(db) {}

  void add(std::int64_t queue, job_state state, std::int64_t n = 1) {
    row_of(queue)[static_cast<std::size_t>(state)] += n;
  }
  void move(std::int64_t queue, job_state from, job_state to) {
    auto& row = row_of(queue);
    --row[static_cast<std::size_t>(from)];
    ++row[static_cast<std::size_t>(to)];
  }

  /// Writes what was moved, inside the transaction.
  void flush();
  /// The transaction is over, stored or not.
  void clear() noexcept { std::fill(moved_.begin(), moved_.end(), state_counts{}); }

  /// For undoing a part of a transaction: few queues, few numbers.
  [[nodiscard]] std::vector<state_counts> mark() const { return moved_; }
  void undo_to(std::vector<state_counts> mark) { moved_ = std::move(mark); }

private:
  void flush_arrays();
  state_counts& row_of(std::int64_t queue) {
    const auto index = static_cast<std::size_t>(queue);
    if (index >= moved_.size())
      moved_.resize(index + 1);
    return moved_[index];
  }

  session& db_;
  std::vector<state_counts> moved_; // by queue number
};

} // namespace penstock::storage
