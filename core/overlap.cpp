#include "core/overlap.hpp"

#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 5> names{"skip", "queue_one", "queue_all", "cancel_running", "allow"};

} // namespace

std::string_view to_string(overlap_policy policy) noexcept {
  const auto index = static_cast<std::size_t>(policy);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<overlap_policy> parse_overlap_policy(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<overlap_policy>(i);
  return std::nullopt;
}

overlap_decision decide_overlap(overlap_policy policy, std::size_t open) noexcept {
  if (open == 0)
    return overlap_decision::fire;
  switch (policy) {
    case overlap_policy::allow: return overlap_decision::fire;
    case overlap_policy::cancel_running: return overlap_decision::cancel_and_fire;
    // One of the open ones runs, or is about to.
    case overlap_policy::queue_one: return open == 1 ? overlap_decision::queue : overlap_decision::skip;
    case overlap_policy::queue_all:
      return open <= most_queued_firings ? overlap_decision::queue : overlap_decision::skip;
    case overlap_policy::skip: break;
  }
  return overlap_decision::skip;
}

} // namespace penstock
