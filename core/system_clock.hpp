#pragma once

#include "core/time.hpp"

namespace penstock {

/// The operating system's wall clock, cut to microseconds. Thread-safe.
class system_wall_clock : public wall_clock {
public:
  [[nodiscard]] timestamp now() const override {
    return std::chrono::floor<duration>(std::chrono::system_clock::now());
  }
};

} // namespace penstock
