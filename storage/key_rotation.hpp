#pragma once

#include <cstdint>
#include <string>

#include "core/error.hpp"
#include "storage/secret_box.hpp"
#include "storage/upkeep_database.hpp"

namespace penstock::storage {

struct rotation_report {
  std::int64_t resealed = 0;
  std::int64_t unreadable = 0; ///< opened by neither key: damaged before
  bool resumed = false;        ///< one that was cut off was finished; no further key was made
};

/// Changes the key that seals secrets, while a node works on the database or none does. The key file holds both keys from
/// before the first text is sealed anew until after the last one is durable, and a node reads it again as soon as it
/// changes: it may end at any moment, and so may the node. `conflict` while nodes share the database that have key files of
/// their own (all but one called `node_name`).
[[nodiscard]] result<rotation_report> rotate_keys(upkeep_database& database, secret_box& secrets,
                                                  const std::string& node_name, const wall_clock& clock);

} // namespace penstock::storage
