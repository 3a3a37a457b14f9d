#include "core/job_state.hpp"

#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, job_state_count> names{"waiting",   "active", "awaiting_children",
                                                              "completed", "failed", "cancelled"};

constexpr unsigned bit(job_state state) noexcept { return 1u << static_cast<unsigned>(state); }

} // namespace

bool can_move(job_state from, job_state to) noexcept {
  using enum job_state;
  unsigned targets = 0;
  switch (from) {
    case waiting: targets = bit(waiting) | bit(active) | bit(cancelled); break;
    case active: targets = bit(waiting) | bit(awaiting_children) | bit(completed) | bit(failed) | bit(cancelled); break;
    case awaiting_children: targets = bit(completed) | bit(failed) | bit(cancelled); break;
    case failed: targets = bit(waiting); break;
    case completed:
    case cancelled: break;
  }
  return (targets & bit(to)) != 0;
}

bool is_ended(job_state state) noexcept {
  return state == job_state::completed || state == job_state::failed || state == job_state::cancelled;
}

std::string_view to_string(job_state state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<job_state> parse_job_state(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<job_state>(i);
  return std::nullopt;
}

std::string_view shown_state(job_state state, timestamp run_at, timestamp now) noexcept {
  if (state == job_state::waiting && run_at > now)
    return "delayed";
  return to_string(state);
}

} // namespace penstock
