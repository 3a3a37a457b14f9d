#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace penstock::bench {

/// What the handlers tell of themselves, in memory that another process may see too. Times are microseconds of the
/// system clock. All zero at first.
struct job_counter {
  static constexpr std::int64_t most_jobs = 4'000'000; ///< that are told in detail; more are only counted
  static constexpr std::int64_t mark_every = 1'000;

  std::atomic<std::int64_t> seen{0};               ///< jobs whose handler has begun
  std::atomic<std::int64_t> last_at{0};            ///< when the latest of them did
  std::atomic<std::int64_t> stamped{0};            ///< jobs that carried a time
  std::atomic<std::int64_t> begun{0}, stamping{0}; ///< the same, before the details are written
  /// When the 1,000th, 2,000th, ... began; 0: not yet, even for a moment after `seen` tells of more.
  std::array<std::atomic<std::int64_t>, most_jobs / mark_every + 1> marks{};
  /// The start of each stamped job minus its stamp.
  std::array<std::atomic<std::int64_t>, most_jobs> lateness{};

  /// One job begins now. Thread-safe.
  void count(std::int64_t now) noexcept;
  void count_lateness(std::int64_t late) noexcept;
};

[[nodiscard]] std::int64_t system_micros() noexcept;

/// A counter in memory of its own, or with `file` in a file that processes share. `make`: the file is made, else it
/// must be there. Pages that are never touched take no memory.
[[nodiscard]] std::shared_ptr<job_counter> map_counter(const std::filesystem::path& file = {}, bool make = true);

} // namespace penstock::bench
