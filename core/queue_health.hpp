#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace penstock {

/// From when on a queue's numbers are a warning.
struct queue_thresholds {
  std::int64_t failed = 100, waiting = 1'000; ///< more than these
  duration stalled = std::chrono::minutes(5); ///< no completion for as long while work waits
};

/// What a queue's health is judged by.
struct queue_facts {
  std::string name{};
  bool paused = false;
  std::int64_t waiting = 0, failed = 0; ///< waiting: due, not held by a slot
  timestamp oldest_waiting_since = no_time;
  timestamp began_at = no_time, last_ended_at = no_time; ///< of the node's work on it; no_time: never
  std::uint64_t commits_delayed = 0;                     ///< that the database has not taken
};

struct queue_warning {
  std::string kind;    ///< one of all_queue_warnings
  std::string message; ///< one line for people
};

/// "failed", "waiting", "stalled", "database".
[[nodiscard]] const std::vector<std::string>& all_queue_warnings();

/// What is wrong with a queue now. A paused one does not stall: it is meant to stand.
[[nodiscard]] std::vector<queue_warning> judge_queue(const queue_facts& facts, const queue_thresholds& thresholds,
                                                     timestamp now);

} // namespace penstock
