#include "core/run_state.hpp"

#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, 5> names{"running", "completed", "completed_with_failures", "failed",
                                                "cancelled"};

} // namespace

std::string_view to_string(run_state state) noexcept {
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<run_state> parse_run_state(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<run_state>(i);
  return std::nullopt;
}

run_state derive_run_state(job_state root, const children_counts& children) noexcept {
  if (!is_ended(root))
    return run_state::running;
  if (root == job_state::cancelled)
    return run_state::cancelled;
  if (root == job_state::failed)
    return run_state::failed;
  if (children.failed + children.cancelled == 0)
    return run_state::completed;
  return children.completed > 0 ? run_state::completed_with_failures : run_state::failed;
}

job_state root_end_after_children(const children_counts& children) noexcept {
  const bool nothing_worked = children.completed == 0 && children.failed + children.cancelled > 0;
  return nothing_worked ? job_state::failed : job_state::completed;
}

} // namespace penstock
