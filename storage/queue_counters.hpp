#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/job_state.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// How many jobs of each queue are in each stored state. Kept in memory by the writer, moved by delta, written once a
/// commit for each count that changed.
class queue_counters {
public:
  using state_counts = std::array<std::int64_t, job_state_count>;

  explicit queue_counters(session& db) : db_(db) {}

  /// Reads the table. Once, before anything else.
  void load();

  void add(std::int64_t queue, job_state state, std::int64_t n = 1) {
    row_of(queue)[static_cast<std::size_t>(state)] += n;
  }
  void move(std::int64_t queue, job_state from, job_state to) {
    auto& row = row_of(queue);
    --row[static_cast<std::size_t>(from)];
    ++row[static_cast<std::size_t>(to)];
  }
  [[nodiscard]] std::int64_t count(std::int64_t queue, job_state state) const noexcept;

  /// Writes what differs from the last commit, inside the transaction.
  void flush();
  /// The transaction is stored.
  void commit() { stored_ = now_; }
  /// Nothing of the transaction is stored.
  void rollback() { now_ = stored_; }

  /// For undoing a part of a transaction: few queues, few numbers.
  [[nodiscard]] std::vector<state_counts> mark() const { return now_; }
  void undo_to(std::vector<state_counts> mark) { now_ = std::move(mark); }

private:
  state_counts& row_of(std::int64_t queue) {
    const auto index = static_cast<std::size_t>(queue);
    if (index >= now_.size())
      now_.resize(index + 1);
    return now_[index];
  }

  session& db_;
  std::vector<state_counts> stored_, now_; // by queue number
};

} // namespace penstock::storage
