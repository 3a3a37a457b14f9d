#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Small payloads in their job's row: a delivery writes two pages fewer.
[[nodiscard]] migration payload_migration();

} // namespace penstock::storage
