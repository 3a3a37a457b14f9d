#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "messages/unit_of_work.hpp"

namespace penstock::power_cut {

/// What a unit of work is to leave in the database, all or none of it. Its jobs, effects, row and event carry its number.
struct promise {
  std::int64_t jobs = 0, effects = 0, rows = 0, events = 0;
  std::vector<job_id> completes; ///< the job that it ends; none or one
  bool acknowledged = false;     ///< the store said that it is durable
};

/// What the store was asked for and what it answered, over all lives of one database.
struct promises {
  std::map<std::int64_t, promise> units; ///< by number
  std::int64_t last_number = 0;
  std::int64_t acknowledged = 0; ///< units, each counted once
  int commits_in_checkpoints = 0;
  std::map<std::int64_t, event_id> told; ///< events that were published, by position
  std::set<job_id> held;                 ///< jobs that a slot holds: recovery must know of them
  std::set<job_id> uncertain;            ///< jobs of which recovery may know or not: claimed or ended at the cut
};

/// What was found in a database after a cut.
struct finding {
  std::int64_t missing = 0; ///< units that were acknowledged and of which nothing is there
  std::int64_t half = 0;    ///< units of which some is there
  bool opens = false;
  std::vector<std::string> complaints; ///< everything that must not be

  [[nodiscard]] bool good() const noexcept { return complaints.empty(); }
};

} // namespace penstock::power_cut
