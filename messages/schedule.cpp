#include "messages/schedule.hpp"

#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 4> reasons{"on_time", "catch_up", "manual", "backfill"};
constexpr std::array<std::string_view, 4> outcomes{"fired", "queued", "skipped", "missed"};

} // namespace

std::string_view to_string(firing_reason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < reasons.size() ? reasons[index] : "unknown";
}

std::string_view to_string(firing_outcome outcome) noexcept {
  const auto index = static_cast<std::size_t>(outcome);
  return index < outcomes.size() ? outcomes[index] : "unknown";
}

} // namespace penstock
