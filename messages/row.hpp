#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock {

/// A value of a column: NULL, integer (also booleans, money in minor units, microseconds), real or text.
using column_value = std::variant<std::monostate, std::int64_t, double, std::string>;

enum class column_type : std::uint8_t { integer, real, text };

struct column {
  std::string name;
  column_type type = column_type::text;
};

/// A table of synced rows that a connector contributes. Beside these columns every such table has
/// integration_id, source_id (its key together), source_version, first_seen_at, updated_at, deleted_at.
struct table_schema {
  std::string name;
  std::vector<column> columns;
  bool append_only = false; ///< a plain log: has none of the columns above, takes row_appends alone
};

/// A row as a page tells it.
struct synced_row {
  std::string source_id;
  std::vector<column_value> values; ///< in the order of the schema's columns
  /// Grows with each change at the provider; a row never replaces one of a higher version. 0: unknown.
  std::int64_t version = 0;
  /// The provider says that it is gone: the row stays and gets `deleted_at`, until a later one says otherwise.
  bool deleted = false;
};

/// Rows of one table that are written if they differ from what is stored and are not older.
struct row_upserts {
  std::string table;
  integration_id integration{};
  std::vector<synced_row> rows;
};

/// Rows that are added as they are to a contributed table whose schema is `append_only`: no key, no comparison.
struct row_appends {
  std::string table;
  std::vector<std::vector<column_value>> rows; ///< in the order of the schema's columns
};

/// A row that the page shows as wrong. It is counted and told; the rest of the page is kept.
struct row_error {
  std::string table;
  std::string source_id; ///< empty if even that is missing
  std::string message;
};

/// That a stored row is another than before. What it holds by now stands in its table.
struct changed_row {
  enum class action : std::uint8_t { added, updated, deleted };
  std::int64_t position = 0; ///< of the event (records.changed) that tells of it
  std::int64_t index = 0;    ///< among the rows of that event, from 0
  bool last = false;         ///< of that event
  std::string table;
  integration_id integration{};
  std::string source_id;
  action what = action::added;
  timestamp at = no_time;
};

/// The answer to a read: column names and rows of values.
struct row_set {
  std::vector<std::string> columns;
  std::vector<std::vector<column_value>> rows;
};

} // namespace penstock
