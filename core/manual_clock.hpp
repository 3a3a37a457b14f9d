#pragma once

#include <atomic>

#include "core/time.hpp"

namespace penstock {

/// A wall clock that stands still until told otherwise: for tests and simulations. Thread-safe.
class manual_clock : public wall_clock {
public:
  explicit manual_clock(timestamp start = no_time) noexcept : micros_(start.time_since_epoch().count()) {}

  [[nodiscard]] timestamp now() const override { return timestamp{duration{micros_.load()}}; }

  /// Jumps to `moment`; back in time too, as real wall clocks do.
  void set(timestamp moment) noexcept { micros_.store(moment.time_since_epoch().count()); }

  /// Moves by `step`; a negative step moves back.
  void advance(duration step) noexcept { micros_.fetch_add(step.count()); }

private:
  std::atomic<duration::rep> micros_;
};

} // namespace penstock
