#include "connectors/apple_health/sandbox/phone.hpp"

#include <algorithm>

#include "sandbox/draw.hpp"

namespace penstock::sandbox::apple_health {
namespace {

using std::chrono::days;
using std::chrono::floor;

/// Each kind of draw has a number of its own.
enum draw_of : std::uint64_t { of_points = 1, of_workouts = 2 };

timestamp first_workout(timestamp begin) {
  const timestamp morning = floor<days>(begin) + std::chrono::hours(7);
  return morning >= begin ? morning : morning + days(1);
}

} // namespace

std::int64_t phone::slots_until(timestamp now) const noexcept {
  return now < begin_ ? 0 : floor<duration>(now - begin_) / slot_length + 1;
}

std::int64_t phone::slot_at(timestamp moment) const noexcept {
  return std::max<std::int64_t>(0, slots_until(moment) - 1);
}

std::int64_t phone::value(std::size_t metric, std::int64_t slot, timestamp now) const noexcept {
  const auto& facts = metrics[metric];
  draws draw(mix({seed_, of_points, metric, static_cast<std::uint64_t>(slot)}));
  const auto whole = static_cast<std::int64_t>(facts.least + draw.below(facts.most - facts.least + 1));
  const auto lasted = std::min<duration>(now - slot_start(slot), slot_length);
  return facts.grows ? whole * std::max<duration>(lasted, duration{0}).count() / slot_length.count() : whole;
}

std::int64_t phone::workouts_until(timestamp now) const noexcept {
  const auto first_end = first_workout(begin_) + workout_length;
  return now < first_end ? 0 : floor<days>(now - first_end).count() + 1;
}

timestamp phone::workout_start(std::int64_t number) const noexcept { return first_workout(begin_) + days(number); }

std::uint64_t phone::workout_bits(std::int64_t number) const noexcept {
  return mix({seed_, of_workouts, static_cast<std::uint64_t>(number)});
}

std::int64_t phone::workout_energy(std::int64_t number) const noexcept {
  constexpr std::uint64_t least = 80, range = 400;
  return static_cast<std::int64_t>(least + draws(workout_bits(number)).below(range));
}

} // namespace penstock::sandbox::apple_health
