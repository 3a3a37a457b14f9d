#pragma once

#include <cstdint>

#include "core/random.hpp"
#include "tests/simulation/change_feed.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/observer.hpp"
#include "tests/simulation/sim_connector.hpp"

namespace penstock::simulation {

/// All of a simulation that is not the engine. It outlives the engine and its network: what still waits there when the
/// simulation is over tells of its end on the way out.
class outside_world : public handler_watch {
public:
  explicit outside_world(std::uint64_t seed)
      : dice(seed), fault_dice(seed + 1), storage_dice(seed + 2), feed_dice(seed + 3), feed(feed_dice),
        watcher(known, feed) {}

  /// Complains about a start that must not be.
  std::uint64_t started(const ready_job& job) override;
  void ended(std::uint64_t number) override { known.open_runs.erase(number); }

  // A source for each purpose, so that a fault in one place does not change what is drawn in another.
  seeded_random dice, fault_dice, storage_dice, feed_dice;
  change_feed feed;
  ledger known;
  observer watcher;
  bool dying = false; ///< the process is being killed

private:
  std::uint64_t last_run_ = 0;
};

} // namespace penstock::simulation
