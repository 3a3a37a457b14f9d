#pragma once

#include <cstdint>

#include "messages/integration.hpp"

namespace penstock::storage {

/// What became of a row.
enum class row_change : std::uint8_t { added, updated, unchanged, deleted };

inline void count(row_counts& counts, row_change change) noexcept {
  switch (change) {
    case row_change::added: ++counts.added; break;
    case row_change::updated: ++counts.updated; break;
    case row_change::unchanged: ++counts.unchanged; break;
    case row_change::deleted: ++counts.deleted; break;
  }
}

} // namespace penstock::storage
