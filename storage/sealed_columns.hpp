#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace penstock::storage {

/// A column that holds what secret_box sealed. Whoever adds one names it in sealed_columns.cpp, or a change of the key
/// makes what it holds unreadable.
struct sealed_column {
  const char* table;
  const char* key;     ///< an integer column by which rows are found, and walked in order
  const char* value;   ///< the sealed text
  const char* purpose; ///< under which it opens, before the number that stands in `owner`
  const char* owner;

  [[nodiscard]] std::string purpose_of(std::int64_t number) const { return purpose + std::to_string(number); }
};

[[nodiscard]] std::span<const sealed_column> sealed_columns() noexcept;

} // namespace penstock::storage
