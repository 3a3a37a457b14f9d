#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "node/node_plan.hpp"

namespace penstock::node {

/// What one look found.
struct finding {
  enum class kind : std::uint8_t { ok, warn, fail };
  std::string what; ///< "database"
  kind state = kind::ok;
  std::string text; ///< one line: what is so, and behind a colon what to do
};

[[nodiscard]] std::string_view name_of(finding::kind state) noexcept;

/// Looks at all that a node needs but its configuration, which `plan` has passed. Changes nothing. Each look has a limit.
/// `node_runs`: whether one answers; then its port is its own. Call it before there are other threads.
[[nodiscard]] std::vector<finding> examine(const node_plan& plan, const wall_clock& clock, bool node_runs);

} // namespace penstock::node
