#pragma once

#include <cstdint>

namespace penstock::storage {

/// How full the log beside the database is: when to move it is decided by this.
struct log_level {
  std::uint64_t commits = 0; ///< since the writer was opened: unchanged, nothing was written
  std::int64_t bytes = 0;    ///< in the log, moved or not
};

} // namespace penstock::storage
