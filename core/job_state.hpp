#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace penstock {

/// Where a job stands. The numbers are stored in tables: never change them.
enum class job_state : std::uint8_t {
  waiting = 0,           ///< ready, or due at its run_at
  active = 1,            ///< its handler runs and holds a slot
  awaiting_children = 2, ///< own work done, children open; holds no slot and never runs again
  completed = 3,
  failed = 4,
  cancelled = 5
};

inline constexpr std::size_t job_state_count = 6;

/// Whether a store may move a job so. `waiting` to `waiting` is a move (reschedule, postpone), no other state may
/// move to itself.
[[nodiscard]] bool can_move(job_state from, job_state to) noexcept;

/// Completed, failed or cancelled. A failed job can still be retried by a person.
[[nodiscard]] bool is_ended(job_state state) noexcept;

/// Stable lower-case name ("awaiting_children").
[[nodiscard]] std::string_view to_string(job_state state) noexcept;
[[nodiscard]] std::optional<job_state> parse_job_state(std::string_view name) noexcept;

/// The name shown to people: a waiting job whose `run_at` is to come shows as "delayed", which is never stored, so
/// that becoming due costs no write.
[[nodiscard]] std::string_view shown_state(job_state state, timestamp run_at, timestamp now) noexcept;

} // namespace penstock
