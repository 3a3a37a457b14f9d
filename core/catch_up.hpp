#pragma once

#include <optional>

#include "core/schedule_rule.hpp"

namespace penstock {

/// No default catch-up window is longer.
inline constexpr duration longest_default_catch_up = std::chrono::days{7};

/// How long a missed firing is still worth making up for, where the schedule does not say: its period, that is the
/// time to the firing after it, at most seven days.
[[nodiscard]] duration default_catch_up_window(const schedule_rule& rule, timestamp firing);

/// After downtime: the last firing in (last_fired, now], if it is younger than the window (the default one when none
/// is given). One at most, never the flood of all that were missed. For a schedule that has never fired, `last_fired`
/// is the moment of its making. A clock that stepped back before `last_fired` gives nothing.
[[nodiscard]] std::optional<timestamp> missed_firing(const schedule_rule& rule, timestamp last_fired, timestamp now,
                                                     std::optional<duration> window = std::nullopt);

} // namespace penstock
