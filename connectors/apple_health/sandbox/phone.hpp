#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace penstock::sandbox::apple_health {

/// Points stand ten minutes apart.
inline constexpr duration slot_length = std::chrono::minutes(10);
inline constexpr duration workout_length = std::chrono::minutes(30);

struct metric_facts {
  std::string_view name, units;
  std::uint32_t least, most; ///< of a whole slot, both count in
  bool grows;                ///< while its slot lasts: a phone tells what it has counted so far
  bool is_rate;              ///< told as Min, Avg and Max
};
inline constexpr std::array<metric_facts, 5> metrics{{
  {"step_count", "count", 0, 1200, true, false},
  {"active_energy", "kcal", 1, 90, true, false},
  {"flights_climbed", "count", 0, 6, true, false},
  {"blood_oxygen_saturation", "%", 93, 100, false, false},
  {"heart_rate", "count/min", 50, 170, false, true},
}};

/// What a phone has recorded, drawn from a seed: nothing is kept. A point depends on its place, and while its slot
/// lasts on the moment it is told at.
class phone {
public:
  /// Records from `begin` on, a whole slot.
  phone(std::uint64_t seed, timestamp begin) : seed_(seed), begin_(begin) {}

  [[nodiscard]] timestamp begin() const noexcept { return begin_; }
  /// Who counted, as the app lists them beside each point that it tells from now on.
  [[nodiscard]] const std::string& sources() const noexcept { return sources_; }
  /// Another device is heard of, also for what was told before.
  void add_device(std::string_view name) { sources_.append("|").append(name); }
  [[nodiscard]] timestamp slot_start(std::int64_t slot) const noexcept { return begin_ + slot * slot_length; }
  /// Slots that have begun by a moment.
  [[nodiscard]] std::int64_t slots_until(timestamp now) const noexcept;
  /// The one that lasts at a moment, or the first.
  [[nodiscard]] std::int64_t slot_at(timestamp moment) const noexcept;

  /// A metric's value in a slot that has begun, as it is told at `now`. Of a rate, its average.
  [[nodiscard]] std::int64_t value(std::size_t metric, std::int64_t slot, timestamp now) const noexcept;

  /// Workouts, one a day at 07:00 UTC, that have ended by a moment.
  [[nodiscard]] std::int64_t workouts_until(timestamp now) const noexcept;
  [[nodiscard]] timestamp workout_start(std::int64_t number) const noexcept;
  [[nodiscard]] std::uint64_t workout_bits(std::int64_t number) const noexcept;
  [[nodiscard]] std::int64_t workout_energy(std::int64_t number) const noexcept;

private:
  std::uint64_t seed_;
  timestamp begin_;
  std::string sources_ = "Sam\u2019s Apple Watch|iPhone";
};

} // namespace penstock::sandbox::apple_health
