#pragma once

#include <cstddef>
#include <string>

#include "connectors/apple_health/large_object.hpp"
#include "messages/row.hpp"

namespace penstock::connectors::apple_health {

/// Turns a workout, of version 1 or 2, into a row of health_workouts. What comes back is what is wrong with it, empty
/// if nothing is. A workout without an id (version 1) gets one from its start and its name. The object is used up; the
/// row's version is the caller's to set.
[[nodiscard]] std::string workout_row(large_object& workout, synced_row& row);

/// Turns an object of another section into a row of health_records. One without an id gets one from its time, name and
/// source; without a time, from its content.
[[nodiscard]] std::string record_row(large_object& record, const std::string& section, synced_row& row);

} // namespace penstock::connectors::apple_health
