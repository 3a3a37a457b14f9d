#include "core/progress.hpp"

#include <algorithm>

namespace penstock {
namespace {

constexpr duration longest_estimate = std::chrono::days{100};

} // namespace

std::optional<int> percent_of(std::int64_t done, std::int64_t total) noexcept {
  if (total <= 0)
    return std::nullopt;
  done = std::clamp<std::int64_t>(done, 0, total);
  if (done == total)
    return 100;
  return std::min(99, static_cast<int>(static_cast<double>(done) / static_cast<double>(total) * 100.0));
}

std::optional<duration> estimate_remaining(timestamp started, std::int64_t done, std::int64_t total,
                                           timestamp now) noexcept {
  if (done <= 0 || total <= 0 || now < started)
    return std::nullopt;
  if (done >= total)
    return duration{0};
  const double per_unit = static_cast<double>((now - started).count()) / static_cast<double>(done);
  const double left = per_unit * static_cast<double>(total - done);
  return left < static_cast<double>(longest_estimate.count()) ? duration{static_cast<std::int64_t>(left)}
                                                              : longest_estimate;
}

progress completed_estimates(progress given, timestamp started, timestamp now) {
  if (given.done && given.total) {
    if (!given.percent)
      given.percent = percent_of(*given.done, *given.total);
    if (!given.remaining)
      given.remaining = estimate_remaining(started, *given.done, *given.total, now);
  }
  if (given.percent)
    given.percent = std::clamp(*given.percent, 0, 100);
  if (given.remaining)
    given.remaining = std::clamp(*given.remaining, duration{0}, longest_estimate);
  return given;
}

bool progress_throttle::offer(timestamp now) noexcept {
  // A clock that stepped back must not hold progress up.
  const bool write = !written_at_ || now < *written_at_ || now - *written_at_ >= interval_;
  if (write)
    written_at_ = now;
  unwritten_ = !write;
  return write;
}

std::optional<timestamp> progress_throttle::due_at() const noexcept {
  return unwritten_ ? std::optional{*written_at_ + interval_} : std::nullopt;
}

} // namespace penstock
