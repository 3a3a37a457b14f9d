#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/binary_rows.hpp"
#include "storage/nullable.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Inserts jobs that have no more than a kind, args and a time, many to a statement: a third cheaper than one by one, and
/// far cheaper where each statement is a round trip.
class plain_inserter {
public:
  static constexpr std::size_t rows_a_statement = 64;

  struct row {
    std::int64_t id = 0, queue = 0, kind = 0, priority = 0, run_at = 0;
    std::string args;
    nullable<std::string> triggered_by, trace_id;
  };

  explicit plain_inserter(session& db);
  ~plain_inserter();

  /// The row to fill for the next job. It is written when enough have come, or by `flush`.
  [[nodiscard]] row& next();

  /// Writes what waits. Before the end of the transaction, and before anything else looks at jobs.
  void flush();

  /// Forgets what waits: the transaction is undone.
  void discard() noexcept { count_ = in_order_ = 0; }

private:
  struct insert_rows;
  struct insert_arrays;
  /// From so many rows on COPY is cheaper, though it costs round trips of its own; and while the server takes these, the
  /// next ones can be made ready.
  static constexpr std::size_t rows_of_copy = 250;

  void flush_arrays(std::span<row> rows);
  void copy(std::span<row> rows);
  void copy_order();

  session& db_;
  const bool arrays_;     ///< the database takes the rows as one array a column
  std::vector<row> rows_; // never resized: bound by address
  row single_;
  std::size_t count_ = 0;
  std::unique_ptr<insert_rows> all_, one_;
  std::array<std::unique_ptr<insert_rows>, rows_a_statement / 8> eights_;
  std::unique_ptr<insert_arrays> in_arrays_;
  binary_rows copied_, order_;
  std::size_t in_order_ = 0; ///< rows in `order_`: copied, but for their places among the waiting
};

} // namespace penstock::storage
