#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/cron_days.hpp"

namespace penstock {

/// The local times that a cron expression names, without zones: a calendar that repeats. The five-field form leaves the
/// seconds at zero.
struct cron_calendar {
  std::uint64_t seconds = 1;  ///< bits 0-59
  std::uint64_t minutes = 0;  ///< bits 0-59
  std::uint32_t hours = 0;    ///< bits 0-23
  std::uint32_t days = 0;     ///< bits 1-31
  std::uint32_t months = 0;   ///< bits 1-12
  std::uint32_t weekdays = 0; ///< bits 0-6, Sunday is 0
  cron_days by_place;         ///< named beside `days` and `weekdays`
  /// Whether either field matching is enough (both are restricted), else both must (Vixie cron, crontab(5)).
  bool either_day = false;

  /// The first named time at or after `from`. Nothing when there is none in fifty years, which is never: the rarest
  /// day, a Sunday that is a 29 February, comes back within forty. Costs a few steps a month, whatever the distance.
  [[nodiscard]] std::optional<std::chrono::local_seconds> at_or_after(std::chrono::local_seconds from) const;

private:
  [[nodiscard]] std::uint64_t days_in(std::chrono::year_month month) const;
  [[nodiscard]] std::optional<std::chrono::local_days> day_at_or_after(std::chrono::local_days from) const;
  [[nodiscard]] std::optional<std::chrono::seconds> time_at_or_after(std::chrono::seconds since_midnight) const;
};

} // namespace penstock
