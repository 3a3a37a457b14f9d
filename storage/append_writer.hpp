#pragma once

#include <string>
#include <vector>

#include "messages/row.hpp"
#include "storage/cell.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// Writes the rows of one append-only table: each as it is, without looking for one like it.
class append_writer {
public:
  append_writer(session& db, const table_schema& schema);

  /// Refuses rows that do not fit the table: `invalid_argument` with the column.
  [[nodiscard]] result<void> check(const row_appends& batch) const;

  /// Writes checked rows.
  void write(const row_appends& batch);

private:
  [[nodiscard]] std::string insert_sql() const;

  const table_schema schema_;
  std::vector<cell> cells_; // never resized: bound by address
  statement insert_;
};

} // namespace penstock::storage
