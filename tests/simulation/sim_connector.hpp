#pragma once

#include <cstdint>
#include <string>

#include "connectors/connector.hpp"

namespace penstock::simulation {

/// Hears of each run of a handler.
class handler_watch {
public:
  virtual ~handler_watch() = default;
  /// A number that `ended` gets.
  [[nodiscard]] virtual std::uint64_t started(const ready_job& job) = 0;
  virtual void ended(std::uint64_t number) = 0;
};

inline constexpr std::string_view effects_table = "sim_effects"; ///< append only: job_id
inline constexpr std::string_view items_table = "sim_items";     ///< synced rows: value
inline constexpr std::string_view feed_stream = "feed";

/// Kinds of the simulation. Each effect is a row without any key, in the transaction that ends the job.
/// sim.append {"failures": N} (process, brief) fails N times, then appends; sim.solo is the same and not brief;
/// sim.tree {"children": N, "failures": M} (process) enqueues N sim.solo, M of which fail for good, and awaits them;
/// sim.wait {"ms": N} (fetch) sleeps, then appends; times out after 20 s.
/// Service "sim": one stream, sim.fetch (fetch) asks the change feed for a page, sim.page (process) stores it.
[[nodiscard]] connectors::connector sim_connector(handler_watch& watch);

/// Runs of a job of these kinds at most.
inline constexpr int sim_attempts = 4;

} // namespace penstock::simulation
