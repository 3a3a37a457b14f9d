#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "messages/row.hpp"
#include "storage/cell.hpp"
#include "storage/column_arrays.hpp"
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
  /// Many rows in one statement, where a statement is a round trip.
  struct in_arrays {
    column_arrays values;
    statement sql;
    in_arrays(session& db, const table_schema& schema);
  };

  [[nodiscard]] std::string insert_sql() const;
  void write_one(const std::vector<column_value>& row);
  void write_together(std::span<const std::vector<column_value>> rows);

  const table_schema schema_;
  std::vector<cell> cells_; // never resized: bound by address
  statement insert_;
  std::unique_ptr<in_arrays> arrays_; ///< null where a statement costs no round trip
};

} // namespace penstock::storage
