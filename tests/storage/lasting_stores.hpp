#pragma once

#include <vector>

#include "tests/storage/store_conformance.hpp"

namespace penstock::storage {

/// Those that another connection can open: not what is in memory.
[[nodiscard]] inline std::vector<store_kind> lasting_store_kinds() {
  auto kinds = store_kinds();
  std::erase_if(kinds, [](const store_kind& each) { return each.name == "memory"; });
  return kinds;
}

} // namespace penstock::storage
