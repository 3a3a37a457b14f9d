#pragma once

#include <cstdint>
#include <string>

#include "connectors/apple_health/sandbox/phone.hpp"

namespace penstock::sandbox::apple_health {

/// A part of an export: [first, last) of slots, and of workouts.
struct export_part {
  std::int64_t first_slot = 0, last_slot = 0;
  std::int64_t first_workout = 0, last_workout = 0;
};

/// As Health Auto Export writes it at `now`, in the zone of a phone in London's summer.
[[nodiscard]] std::string export_body(const phone& from, const export_part& part, timestamp now);

} // namespace penstock::sandbox::apple_health
