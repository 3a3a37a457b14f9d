#pragma once

#include <cstdint>
#include <string>

namespace penstock::storage {

/// Fills SQLite's write-ahead log with zeros up to `bytes`; the database may be open. A commit to a log that need
/// not grow forces its pages to disk and nothing else; one that grows forces the file's new length too, one more
/// write to wait for. Zeros are no valid frames: SQLite writes over them, and a recovery ends at them.
/// Where it does not succeed (no room, no right) the log stays as it was and grows as it always did, so nothing is told.
/// Nobody may write to the log meanwhile.
void lay_out_log(const std::string& database_file, std::int64_t bytes);

} // namespace penstock::storage
