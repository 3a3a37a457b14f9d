#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// When integrations are due, and which of them are triggered, in tables apart: the due ones of a million lie side by
/// side, so that a check reads and writes a few pages instead of one for each of them.
[[nodiscard]] migration due_migration();

} // namespace penstock::storage
