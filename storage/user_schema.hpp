#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// People who sign in, and the sessions of their browsers.
[[nodiscard]] migration user_migration();

} // namespace penstock::storage
