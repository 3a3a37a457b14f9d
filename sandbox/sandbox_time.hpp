#pragma once

#include <algorithm>
#include <optional>

#include "core/time.hpp"

namespace penstock::sandbox {

/// The sandbox's own clock: another clock, moved, and the switch that stops data from changing. For one thread.
class sandbox_time : public wall_clock {
public:
  /// `base` must outlive this. `start`: the moment up to which history was made; changes come after it.
  sandbox_time(const wall_clock& base, timestamp start) : base_(base), start_(start) {}

  [[nodiscard]] timestamp now() const override { return base_.now() + moved_; }
  [[nodiscard]] timestamp start() const noexcept { return start_; }
  /// How far the clock was moved.
  [[nodiscard]] duration moved() const noexcept { return moved_; }
  void move(duration by) noexcept { moved_ += by; }

  /// Data stay as they are now. Tokens go on expiring.
  void freeze() {
    if (!frozen_at_)
      frozen_at_ = now();
  }
  /// What was due meanwhile happens now: data depend on the time alone, not on when they were frozen.
  void thaw() { frozen_at_.reset(); }
  [[nodiscard]] bool is_frozen() const noexcept { return frozen_at_.has_value(); }

  /// Changes that are due at or before this moment have happened.
  [[nodiscard]] timestamp changes_until() const { return frozen_at_ ? std::min(*frozen_at_, now()) : now(); }

private:
  const wall_clock& base_;
  const timestamp start_;
  duration moved_{0};
  std::optional<timestamp> frozen_at_;
};

} // namespace penstock::sandbox
