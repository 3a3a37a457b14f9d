#include "core/integration_state.hpp"

#include <algorithm>
#include <array>

#include "core/duration_text.hpp"

namespace penstock {
namespace {

using status = integration_status;

constexpr std::array<std::string_view, 6> names{"idle",   "processing",  "failed", "requires_reauth",
                                                "paused", "disconnected"};

/// The moment from which the due check takes an idle or failed one. Asked only for moves that happen `now`: where
/// nothing holds it back, that is when it becomes due.
timestamp due_moment(const integration_schedule_state& state, timestamp now) noexcept {
  if (state.frequency <= duration{0} || (state.status != status::idle && state.status != status::failed))
    return no_time;
  timestamp due = now;
  if (state.last_successful_update_at != no_time)
    due = std::max(due, state.last_successful_update_at + state.frequency);
  if (state.last_triggered_at != no_time)
    due = std::max(due, state.last_triggered_at + state.frequency);
  return due;
}

integration_status resting_status(const integration_schedule_state& state) noexcept {
  return state.consecutive_failures > 0 ? status::failed : status::idle;
}

std::string refusal(std::string_view what, integration_status status) {
  return "cannot " + std::string{what} + " an integration that is " + std::string{to_string(status)};
}

} // namespace

std::string_view to_string(integration_status status) noexcept {
  const auto index = static_cast<std::size_t>(status);
  return index < names.size() ? names[index] : "unknown";
}

std::optional<integration_status> parse_integration_status(std::string_view name) noexcept {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<integration_status>(i);
  return std::nullopt;
}

duration failure_wait(duration frequency, int consecutive_failures) noexcept {
  if (consecutive_failures <= 0)
    return duration{0};
  duration wait = std::min(frequency, longest_failure_wait);
  for (int i = 0; i < consecutive_failures && wait > duration{0} && wait < longest_failure_wait; ++i)
    wait = std::min(wait * 2, longest_failure_wait);
  return wait;
}

bool is_due(const integration_schedule_state& state, timestamp now) noexcept {
  return state.next_due_at != no_time && state.next_due_at <= now;
}

integration_schedule_state connected(duration frequency, timestamp now) noexcept {
  integration_schedule_state state;
  state.frequency = frequency;
  state.next_due_at = due_moment(state, now);
  return state;
}

result<integration_schedule_state> triggered(const integration_schedule_state& state, timestamp now, bool force) {
  if (state.status != status::idle && state.status != status::failed)
    return failure(error_code::conflict, refusal("trigger", state.status));
  // Without a frequency there is nothing to wait for: a schedule of its own decided.
  if (!force && state.frequency > duration{0} && !is_due(state, now))
    return failure(error_code::conflict,
                   "the integration is not due for another " +
                     format_duration(std::chrono::ceil<std::chrono::seconds>(state.next_due_at - now)) +
                     " (--force, or \"force\": true, ignores that)");
  auto after = state;
  after.status = status::processing;
  after.last_triggered_at = now;
  after.next_due_at = no_time;
  return after;
}

integration_schedule_state run_succeeded(integration_schedule_state state, timestamp now) noexcept {
  state.last_successful_update_at = now;
  state.consecutive_failures = 0;
  if (state.status == status::processing)
    state.status = status::idle;
  state.next_due_at = due_moment(state, now);
  return state;
}

integration_schedule_state run_failed(integration_schedule_state state, timestamp now, bool requires_reauth) noexcept {
  ++state.consecutive_failures;
  state.last_triggered_at = no_time;
  if (state.status == status::processing)
    state.status = requires_reauth ? status::requires_reauth : status::failed;
  const bool takes_time = state.status == status::failed && state.frequency > duration{0};
  state.next_due_at = takes_time ? now + failure_wait(state.frequency, state.consecutive_failures) : no_time;
  return state;
}

integration_schedule_state run_lost(integration_schedule_state state, timestamp now) noexcept {
  state.last_triggered_at = no_time;
  if (state.status == status::processing)
    state.status = resting_status(state);
  state.next_due_at = due_moment(state, now);
  return state;
}

integration_schedule_state run_cancelled(integration_schedule_state state, timestamp now) noexcept {
  if (state.status == status::processing)
    state.status = resting_status(state);
  state.next_due_at = due_moment(state, now);
  if (state.next_due_at != no_time)
    state.next_due_at = std::max(state.next_due_at, now + state.frequency);
  return state;
}

result<integration_schedule_state> paused(integration_schedule_state state) {
  // Pausing one that needs consent would forget that it needs it; neither is taken by the due check anyway.
  if (state.status == status::requires_reauth || state.status == status::disconnected)
    return failure(error_code::conflict, refusal("pause", state.status));
  state.status = status::paused;
  state.next_due_at = no_time;
  return state;
}

result<integration_schedule_state> resumed(integration_schedule_state state, timestamp now) {
  if (state.status != status::paused)
    return failure(error_code::conflict, refusal("resume", state.status));
  state.status = resting_status(state);
  state.next_due_at = due_moment(state, now);
  return state;
}

integration_schedule_state reauthorised(integration_schedule_state state, timestamp now) noexcept {
  state.consecutive_failures = 0;
  if (state.status == status::processing)
    return state;
  state.status = status::idle;
  state.last_triggered_at = no_time;
  // Due at once, whenever it succeeded last: people look at what they have just authorised.
  state.next_due_at = state.frequency > duration{0} ? now : no_time;
  return state;
}

integration_schedule_state disconnected(integration_schedule_state state) noexcept {
  state.status = status::disconnected;
  state.next_due_at = no_time;
  return state;
}

integration_schedule_state with_frequency(integration_schedule_state state, duration frequency,
                                          timestamp now) noexcept {
  state.frequency = frequency;
  state.next_due_at = due_moment(state, now);
  if (state.status == status::failed && state.next_due_at != no_time)
    state.next_due_at = std::max(state.next_due_at, now + failure_wait(frequency, state.consecutive_failures));
  return state;
}

} // namespace penstock
