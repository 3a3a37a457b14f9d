#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Organisations, tokens, the audit, keys of requests that are done once, and versions of what people edit.
[[nodiscard]] migration access_migration();

} // namespace penstock::storage
