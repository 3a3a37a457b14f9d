#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Engine migration 2: overlap, weekdays, jitter, stagger, edits and occurrences of schedules.
[[nodiscard]] migration schedule_migration();

/// Engine migration 3: runs that store nothing, and what they would have changed.
[[nodiscard]] migration dry_run_migration();

/// Engine migration 4: the views of both.
[[nodiscard]] migration schedule_views_migration();

} // namespace penstock::storage
