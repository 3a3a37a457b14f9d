#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Which key seals what is secret in a database.
[[nodiscard]] migration secrets_migration();

} // namespace penstock::storage
