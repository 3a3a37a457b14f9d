#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/row.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A table as the database has it, whoever brought it.
struct stored_table {
  std::string name;
  std::vector<column> columns; ///< in their order

  [[nodiscard]] bool has(std::string_view column_name) const noexcept;
};

/// The one of that name; null: there is none.
[[nodiscard]] const stored_table* find_table(const std::vector<stored_table>& tables, std::string_view name) noexcept;

/// All tables of this database (on PostgreSQL: of its schema), by name. Throws storage_exception.
[[nodiscard]] std::vector<stored_table> read_tables(session& db);

} // namespace penstock::storage
