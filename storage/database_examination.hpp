#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "storage/database.hpp"

namespace penstock::storage {

/// What a look at a database found, which nodes may work on meanwhile.
struct database_examination {
  std::string damage{};           ///< the first that was found; empty: none
  bool looked_through = true;     ///< false: the look was ended by its limit, or is the server's business
  std::int64_t missing_steps = 0; ///< migrations of this program that have not run
  std::string later_step{};       ///< of a later program: "engine 99"; empty: none
  std::optional<bool> key_fits{}; ///< absent: nothing is noted or sealed there, or no key was given
  std::int64_t unreadable = 0;    ///< of the sealed values that were tried, how many do not open
  std::int64_t tried = 0;
  std::optional<duration> ahead{}; ///< this machine's clock before the server's
  timestamp newest = no_time;      ///< when its newest job was made
  std::int64_t living_nodes = 0;   ///< that share it, by their leases
};

/// Reads only. `not_found` where there is no such database; otherwise the error that keeps it from being opened. `limit`
/// bounds the look for damage. `secrets` may be null.
[[nodiscard]] result<database_examination> examine_database(const database_settings& settings,
                                                            const std::vector<migration>& contributed,
                                                            const secret_box* secrets, const wall_clock& clock,
                                                            duration limit);

} // namespace penstock::storage
