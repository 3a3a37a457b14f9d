#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "core/time.hpp"
#include "messages/actors/queue.hpp"

namespace penstock::actors {

/// What a queue ended in each of the last minutes, at most a day of them. Minutes in which nothing ended have no entry.
class minute_history {
public:
  using minute = queue_state::minute;
  static constexpr std::chrono::minutes longest{24 * 60};

  void add(std::uint64_t completed, std::uint64_t failed, timestamp now) {
    const timestamp begin = std::chrono::floor<std::chrono::minutes>(now);
    if (minutes_.empty() || minutes_.back().begin < begin)
      minutes_.push_back({begin, 0, 0});
    minutes_.back().completed += completed;
    minutes_.back().failed += failed;
    while (minutes_.front().begin < begin - longest)
      minutes_.pop_front();
  }
  /// Oldest first.
  [[nodiscard]] const std::deque<minute>& minutes() const noexcept { return minutes_; }

private:
  std::deque<minute> minutes_;
};

} // namespace penstock::actors
