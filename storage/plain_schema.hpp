#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// The order in which jobs without a group wait, and the ends of jobs that nothing hangs on, in narrow tables apart: such
/// a job's own row is written once. docs/performance.md has the figures.
[[nodiscard]] migration plain_migration();

} // namespace penstock::storage
