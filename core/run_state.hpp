#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/job_state.hpp"

namespace penstock {

/// Where one sync of an integration stands. The numbers are stored in tables: never change them.
enum class run_state : std::uint8_t {
  running = 0,
  completed = 1,
  completed_with_failures = 2, ///< something arrived, something did not
  failed = 3,
  cancelled = 4
};

[[nodiscard]] std::string_view to_string(run_state state) noexcept;
[[nodiscard]] std::optional<run_state> parse_run_state(std::string_view name) noexcept;

/// How the jobs below a run's root ended. All of them count: pages as well as what they led to.
struct children_counts {
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
};

/// The state of a run from its root job's own outcome and its children's, once all have ended.
///
/// A root that is still open gives `running`; a cancelled one `cancelled`, a failed one `failed`, whatever the
/// children did. Under a completed root, children that failed or were cancelled one by one make the run
/// `completed_with_failures` when at least one other completed, and `failed` when none did.
[[nodiscard]] run_state derive_run_state(job_state root, const children_counts& children) noexcept;

/// How the root job itself ends when the last child has: it awaited them, so it completes unless none of them did.
[[nodiscard]] job_state root_end_after_children(const children_counts& children) noexcept;

} // namespace penstock
