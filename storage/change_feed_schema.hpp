#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Which synced rows were changed, and maintenance.
[[nodiscard]] migration change_feed_migration();

} // namespace penstock::storage
