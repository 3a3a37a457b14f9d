#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/database.hpp"
#include "tests/power_cut/fragile_disk.hpp"

namespace penstock::power_cut {

/// What a seed led to.
struct cut_report {
  int cuts = 0, opened = 0, commits_in_checkpoints = 0;
  std::int64_t acknowledged = 0, missing = 0, half = 0;
  std::vector<std::string> complaints; ///< none: all was as it must be
};

struct cut_plan {
  std::uint64_t seed = 1;
  int cuts = 5; ///< in the life of one database
  disk_lie lie = disk_lie::none;
  storage::synchronous_mode synchronous = storage::synchronous_mode::full;
};

/// Lets one database live through power cuts: each leaves what the disk had, the next life goes on from there. Ends
/// early at the first complaint.
[[nodiscard]] cut_report play(const cut_plan& plan);

} // namespace penstock::power_cut
