#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/integration.hpp"
#include "messages/row.hpp"
#include "storage/cell.hpp"
#include "storage/changed_rows.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// What became of a row.
enum class row_change : std::uint8_t { added, updated, unchanged };

/// Writes the rows of one synced table: those that are new, and those that differ and are not older. One row is one or
/// two statements, each of which says by its count of changed rows what happened; nothing is guessed from times, so
/// that a row which comes twice in one transaction is counted right.
class table_writer {
public:
  table_writer(session& db, const table_schema& schema);

  /// Refuses rows that do not fit the table: `invalid_argument` with the row and column.
  [[nodiscard]] result<void> check(const row_upserts& batch) const;

  /// Writes checked rows, and adds those that are others than before to `changed`, which refers to the batch.
  [[nodiscard]] row_counts write(const row_upserts& batch, timestamp now, std::vector<row_mark>& changed);

  /// Writes checked rows as `write` does, and tells of each that is added or updated, with the columns that differ as
  /// JSON. Dearer: it reads before it writes.
  row_counts write_and_tell(const row_upserts& batch, timestamp now, const std::function<void(row_difference)>& tell);

  /// The version that is stored; 0 where there is no such row.
  [[nodiscard]] std::int64_t version_of(integration_id integration, const std::string& source_id);

private:
  [[nodiscard]] row_change write_row(const synced_row& row);
  [[nodiscard]] std::vector<column_value> stored_row(const synced_row& row);
  [[nodiscard]] std::string insert_sql() const;
  [[nodiscard]] std::string update_sql() const;

  session& db_;
  const table_schema schema_;
  std::vector<cell> cells_; // never resized: bound by address
  std::int64_t integration_ = 0, version_ = 0, now_ = 0, stored_version_ = 0;
  std::string source_id_;
  statement insert_, update_, raise_version_, find_version_;
};

} // namespace penstock::storage
