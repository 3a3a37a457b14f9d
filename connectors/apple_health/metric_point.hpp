#pragma once

#include <string>

#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// Reads one point of a metric into a row of health_metrics. What comes back is what is wrong with it, empty if nothing
/// is. `json` may be moved. The row's version is the caller's to set.
[[nodiscard]] std::string read_point(std::string& json, const std::string& name, const std::string& units,
                                     synced_row& row);

/// Longer than this is no source, kind or reason, nor the name of a workout.
inline constexpr std::size_t longest_label = 500;

} // namespace penstock::connectors::apple_health
