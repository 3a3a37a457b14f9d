#pragma once

#include "storage/migration.hpp"

namespace penstock::storage {

/// The tables of nodes that share a database. A database of one node has them too, and leaves them empty.
[[nodiscard]] migration cluster_migration();

} // namespace penstock::storage
