#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Which key seals what is secret in a database.
[[nodiscard]] migration secrets_migration();

/// That its change is not finished.
[[nodiscard]] migration key_change_migration();

} // namespace penstock::storage
