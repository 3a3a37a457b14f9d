#pragma once

#include <chrono>

namespace penstock {

/// A length of time. Microseconds, as tables store it.
using duration = std::chrono::microseconds;

/// A moment in UTC with the resolution of tables: microseconds since the Unix epoch.
using timestamp = std::chrono::sys_time<duration>;

/// Stands for "no such moment" where a column is NULL.
inline constexpr timestamp no_time{};

/// Wall-clock time. Injected everywhere, so that tests own it. Thread-safe.
/// It may step back or forward: use it for what is stored and shown, never to measure.
class wall_clock {
public:
  virtual ~wall_clock() = default;
  [[nodiscard]] virtual timestamp now() const = 0;
};

} // namespace penstock
