#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/group_gate.hpp"
#include "actors/group_lanes.hpp"
#include "actors/queue_window.hpp"
#include "core/token_bucket.hpp"

namespace penstock::actors {

struct waiting_rules {
  std::string queue;
  std::size_t window = 20'000;       ///< waiting jobs kept in memory, of those with groups as many again
  std::optional<token_rate> limit{}; ///< how many jobs may start, in all nodes together
  group_limits groups{};
};

/// The waiting jobs of a queue in the order in which they run: by priority, then in fair turns among tenants (those
/// without a group are one of them), then by run_at and id; as far as limiter and groups let them. Jobs without a
/// group, in a queue without any, cost no more than their window. For one thread.
class waiting_jobs {
public:
  waiting_jobs(waiting_rules rules, const job_kind_catalogue& kinds, timestamp now);

  void add(ready_job job, timestamp now);
  /// Moves what has become due among the due ones. Call it before asking anything else.
  void advance(timestamp now);

  /// Whether a job may start now; then `next` is that one until `take`.
  [[nodiscard]] bool has_next(timestamp now);
  [[nodiscard]] const ready_job& next() const { return *next_; }
  /// It takes a slot: it enters its groups and costs a token.
  [[nodiscard]] ready_job take(timestamp now);
  /// A suspect takes a slot, past all limits.
  void enter(const ready_job& job, timestamp now);

  /// About how many are due, whether they may start or not.
  [[nodiscard]] std::size_t due_count() const noexcept { return window_.due_count() + lanes_.due_count(); }

  /// The attempt is over and its calls are being counted.
  void count_calls_of(const ready_job& job) { gate_.count(job); }
  /// A job left its slot, ended or not: it may come again.
  void left(const ready_job& job);
  void hold(const ready_job& job);
  /// A waiting job was cancelled.
  void drop(job_id id);

  /// What was spent since the last time, to be committed with the claim, and what came of it.
  [[nodiscard]] std::vector<spend_tokens> take_spendings();
  void learned(const spend_tokens& spent, const std::vector<std::int64_t>& answer, std::size_t at, timestamp now);
  /// No job of this prefix may start before `until`.
  void block(const std::string& prefix, timestamp until) { gate_.block(prefix, until); }

  /// When something may start that cannot now, as far as time is what it waits for; no_time: nothing known.
  [[nodiscard]] timestamp next_wake(timestamp now) const noexcept;

  [[nodiscard]] queue_window& window() noexcept { return window_; }
  [[nodiscard]] group_lanes& lanes() noexcept { return lanes_; }

private:
  [[nodiscard]] bool limiter_open(timestamp now) const noexcept {
    return !limiter_ || limiter_->time_until(1, now) == duration::zero();
  }

  const waiting_rules rules_;
  queue_window window_;
  group_lanes lanes_;
  group_gate gate_;
  std::optional<token_bucket> limiter_;
  std::int64_t unwritten_ = 0; ///< tokens taken from the limiter that the store does not know of
  const ready_job* next_ = nullptr;
  bool next_is_grouped_ = false;
  std::uint64_t turns_ = 0, single_turn_ = 0;
};

} // namespace penstock::actors
