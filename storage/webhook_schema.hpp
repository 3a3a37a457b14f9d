#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// Addresses of incoming webhooks, and bodies that are stored ahead of their jobs.
[[nodiscard]] migration webhook_migration();

} // namespace penstock::storage
