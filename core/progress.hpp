#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace penstock {

/// How far a job is, for people who watch it. Everything is optional: a handler tells what it knows.
struct progress {
  std::string stage;                   ///< "fetching", "storing"; short and stable
  std::string message;                 ///< one line for people, without secrets
  std::optional<int> percent{};        ///< 0 to 100
  std::optional<std::int64_t> done{};  ///< units ready, of whatever the stage counts
  std::optional<std::int64_t> total{}; ///< units in all
  std::optional<duration> remaining{}; ///< estimated

  friend bool operator==(const progress&, const progress&) = default;
};

/// `done` of `total` as 0 to 100, rounded down, so that 100 means all. Nothing when the total is not positive.
[[nodiscard]] std::optional<int> percent_of(std::int64_t done, std::int64_t total) noexcept;

/// The time left if units go on as they went: nothing before the first is ready, or without a total. At most 100 days.
[[nodiscard]] std::optional<duration> estimate_remaining(timestamp started, std::int64_t done, std::int64_t total,
                                                         timestamp now) noexcept;

/// Fills in percent and remaining time from the counters where the handler gave none, and brings what it gave into
/// range.
[[nodiscard]] progress completed_estimates(progress given, timestamp started, timestamp now);

/// Lets a job's progress be written at most once in an interval; listeners see every step all the same. For one thread.
class progress_throttle {
public:
  explicit progress_throttle(duration interval = std::chrono::seconds{1}) noexcept : interval_(interval) {}

  /// Something changed: whether to write it now. If not, it is due at `due_at`, unless a newer one comes first.
  [[nodiscard]] bool offer(timestamp now) noexcept;

  /// When an unwritten change must be written; nothing when all is.
  [[nodiscard]] std::optional<timestamp> due_at() const noexcept;

private:
  duration interval_;
  std::optional<timestamp> written_at_{};
  bool unwritten_ = false;
};

} // namespace penstock
