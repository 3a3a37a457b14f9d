#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <numeric>

#include "core/time.hpp"

namespace penstock::actors {

/// Counts what happened in the last sixty seconds, in buckets of one second.
class minute_counter {
public:
  void add(std::uint64_t count, timestamp now) noexcept {
    advance(now);
    buckets_[index(second_)] += count;
  }
  /// Over the last minute; the present second counts as far as it has gone.
  [[nodiscard]] std::uint64_t total(timestamp now) const noexcept {
    minute_counter copy = *this;
    copy.advance(now);
    return std::accumulate(copy.buckets_.begin(), copy.buckets_.end(), std::uint64_t{0});
  }

private:
  static constexpr std::int64_t span = 60;
  static std::size_t index(std::int64_t second) noexcept { return static_cast<std::size_t>(second % span); }

  void advance(timestamp now) noexcept {
    const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    if (second - second_ >= span)
      buckets_.fill(0);
    else
      for (auto s = second_ + 1; s <= second; ++s)
        buckets_[index(s)] = 0;
    if (second > second_)
      second_ = second;
  }

  std::array<std::uint64_t, span> buckets_{};
  std::int64_t second_ = 0;
};

} // namespace penstock::actors
