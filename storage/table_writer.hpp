#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/integration.hpp"
#include "messages/row.hpp"
#include "storage/array_upserts.hpp"
#include "storage/cell.hpp"
#include "storage/changed_rows.hpp"
#include "storage/row_change.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// Writes the rows of one synced table: those that are new, and those that differ and are not older. One row is one or
/// two statements, each of which says by its count of changed rows what happened; nothing is guessed from times, so
/// that a row which comes twice in one transaction is counted right. Where a statement is a round trip (PostgreSQL), rows go
/// together as far as that says the same: see array_upserts.
///
/// A row that is told as deleted keeps its place, takes the values it comes with, and is marked once: `deleted`, also
/// when it was never told before, since no reader may take it for one that is there. Told so again it is `unchanged`,
/// or `updated` where its values are others. One that comes back is `updated`, and its mark goes.
class table_writer {
public:
  table_writer(session& db, const table_schema& schema);

  /// Refuses rows that do not fit the table: `invalid_argument` with the row and column.
  [[nodiscard]] result<void> check(const row_upserts& batch) const;

  /// Writes checked rows, and adds those that are others than before to `changed`, which refers to the batch.
  [[nodiscard]] row_counts write(const row_upserts& batch, timestamp now, std::vector<row_mark>& changed);

  /// Writes checked rows as `write` does, and tells of each that is added, updated or deleted, with the columns that
  /// differ as JSON (deleted_at among them where a row comes back). Dearer: it reads before it writes.
  row_counts write_and_tell(const row_upserts& batch, timestamp now, const std::function<void(row_difference)>& tell);

  /// The version that is stored; 0 where there is no such row.
  [[nodiscard]] std::int64_t version_of(integration_id integration, const std::string& source_id);

private:
  /// What is stored of a row.
  struct stored {
    bool found = false;
    nullable<std::int64_t> deleted_at;
    std::vector<column_value> values;
  };

  /// Writes rows from the front, one or as many as can go together. What became of each of them.
  [[nodiscard]] std::span<const row_change> write_some(std::span<const synced_row> rows);
  [[nodiscard]] row_change write_row(const synced_row& row);
  [[nodiscard]] row_change write_values(bool deleted);
  [[nodiscard]] stored stored_row(const synced_row& row);
  [[nodiscard]] row_difference difference_of(const stored& before, const synced_row& row, row_change change) const;
  [[nodiscard]] std::string insert_sql() const;
  /// Of a row that is not newer: `mark` goes behind SET, `condition` says which rows it is for.
  [[nodiscard]] std::string update_sql(const std::string& mark, const std::string& condition) const;
  [[nodiscard]] std::string differs() const;
  void bind_update(statement& sql, bool marks, bool compares);

  session& db_;
  const table_schema schema_;
  std::vector<cell> cells_; // never resized: bound by address
  std::int64_t integration_ = 0, version_ = 0, now_ = 0, stored_version_ = 0;
  nullable<std::int64_t> deleted_at_; ///< of a row that is inserted
  std::string source_id_;
  row_change one_ = row_change::unchanged; ///< what became of the row that was written by itself
  statement insert_, update_;
  statement mark_;  ///< as deleted, what is not marked yet
  statement amend_; ///< the values of what is marked, and stays so
  statement raise_version_, find_version_;
  std::unique_ptr<array_upserts> arrays_; ///< null where a statement costs no round trip
};

} // namespace penstock::storage
