#pragma once

#include <vector>

#include "storage/migration.hpp"

namespace penstock::storage {

/// The engine's own tables, indices and views. A migration that was released is never edited: add another.
[[nodiscard]] std::vector<migration> engine_migrations();

} // namespace penstock::storage
