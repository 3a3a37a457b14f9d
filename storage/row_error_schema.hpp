#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Whose rows were in error: `row_errors` knows the integration, so that a page of them is found by an index.
[[nodiscard]] migration row_error_migration();

} // namespace penstock::storage
