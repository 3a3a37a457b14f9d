#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Deliveries have a stream and no run: nobody looks for them by it, and each of them wrote an entry.
[[nodiscard]] migration stream_index_migration();

} // namespace penstock::storage
