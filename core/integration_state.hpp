#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock {

/// Where an integration stands. The numbers are stored in tables: never change them.
enum class integration_status : std::uint8_t {
  idle = 0,            ///< nothing runs, the due check may take it
  processing = 1,      ///< a run is open
  failed = 2,          ///< the last run failed; taken again after a wait
  requires_reauth = 3, ///< a person must authorise again; not taken before
  paused = 4,          ///< by a person, or before the first consent
  disconnected = 5
};

[[nodiscard]] std::string_view to_string(integration_status status) noexcept;
[[nodiscard]] std::optional<integration_status> parse_integration_status(std::string_view name) noexcept;

/// What decides when an integration is updated next; the columns of its row that the due check knows.
struct integration_schedule_state {
  integration_status status = integration_status::idle;
  /// Between successful updates; zero means that schedules of its own trigger it, and the due check never.
  duration frequency{0};
  timestamp last_triggered_at = no_time;
  timestamp last_successful_update_at = no_time;
  int consecutive_failures = 0;
  /// Derived by each move below and indexed: the due check reads the rows up to now and no other. `no_time` (NULL)
  /// means that time alone will never make it due.
  timestamp next_due_at = no_time;

  friend bool operator==(const integration_schedule_state&, const integration_schedule_state&) = default;
};

/// The longest wait after failures.
inline constexpr duration longest_failure_wait = std::chrono::days{1};

/// frequency x 2^failures, at most a day. Zero for no failure.
[[nodiscard]] duration failure_wait(duration frequency, int consecutive_failures) noexcept;

/// Whether the due check takes it.
[[nodiscard]] bool is_due(const integration_schedule_state& state, timestamp now) noexcept;

// The moves. Each returns the state after it; one that the status does not allow is a `conflict` that says why.
// All times are the wall clock's.

/// A new integration: due at once when it has a frequency.
[[nodiscard]] integration_schedule_state connected(duration frequency, timestamp now) noexcept;

/// A run begins: by the due check, a schedule, or a person. `force` ignores frequency and failure wait; nothing
/// ignores an open run, a pause, a missing consent or a disconnection.
[[nodiscard]] result<integration_schedule_state> triggered(const integration_schedule_state& state, timestamp now,
                                                           bool force = false);

/// The run's end. One that was paused or disconnected meanwhile notes the outcome and stays so.
[[nodiscard]] integration_schedule_state run_succeeded(integration_schedule_state state, timestamp now) noexcept;
[[nodiscard]] integration_schedule_state run_failed(integration_schedule_state state, timestamp now,
                                                    bool requires_reauth) noexcept;

/// `processing` without a live run: as if it had never been triggered.
[[nodiscard]] integration_schedule_state run_lost(integration_schedule_state state, timestamp now) noexcept;

/// A person cancelled the run: no failure, but taken again only after one frequency, or it would be back at once.
[[nodiscard]] integration_schedule_state run_cancelled(integration_schedule_state state, timestamp now) noexcept;

[[nodiscard]] result<integration_schedule_state> paused(integration_schedule_state state);
[[nodiscard]] result<integration_schedule_state> resumed(integration_schedule_state state, timestamp now);

/// A person authorised again, or for the first time: failures are forgotten and it is due at once. An open run goes on.
[[nodiscard]] integration_schedule_state reauthorised(integration_schedule_state state, timestamp now) noexcept;

[[nodiscard]] integration_schedule_state disconnected(integration_schedule_state state) noexcept;

[[nodiscard]] integration_schedule_state with_frequency(integration_schedule_state state, duration frequency,
                                                        timestamp now) noexcept;

} // namespace penstock
