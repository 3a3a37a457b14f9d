#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "messages/row.hpp"
#include "storage/array_text.hpp"
#include "storage/column_arrays.hpp"
#include "storage/row_change.hpp"
#include "storage/session.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// Writes rows of a synced table as table_writer does, where a statement is a round trip: many rows in one that adds
/// those that are new, one that updates those that differ and are not older, and one that raises versions.
class array_upserts {
public:
  array_upserts(session& db, const table_schema& schema);

  /// How many rows from the front can be written together: none is told as deleted, none comes twice. Less than two are
  /// not worth it.
  [[nodiscard]] std::size_t together(std::span<const synced_row> rows);

  /// Writes them, all that `together` counted. What became of each.
  [[nodiscard]] const std::vector<row_change>& write(std::span<const synced_row> rows, std::int64_t integration,
                                                     std::int64_t now);

private:
  /// A statement of rows given by arrays, which answers with the ids of those that it changed.
  struct of_rows {
    array_text ids, versions;
    column_arrays values;
    std::string found;
    statement sql;
    of_rows(session& db, const table_schema& schema, const std::string& name, const std::string& text,
            std::int64_t& integration, std::int64_t& now);
  };

  /// Takes the rows in `places_`; leaves those in it that the statement did not change.
  void run(of_rows& by, std::span<const synced_row> rows, row_change change);
  /// `places_` by id, into `order_`.
  void put_in_order();
  void raise_versions(std::span<const synced_row> rows);

  std::int64_t integration_ = 0, now_ = 0;
  std::unordered_map<std::string, std::size_t> places_;                 ///< of rows by id as the database keeps it
  std::vector<const std::pair<const std::string, std::size_t>*> order_; ///< of what is sent, by id
  std::vector<row_change> changes_;
  of_rows insert_, update_;
  array_text raised_ids_, raised_versions_;
  statement raise_versions_;
};

} // namespace penstock::storage
