#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "messages/row.hpp"
#include "storage/array_text.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// The values of many rows of a contributed table as one array a column, in PostgreSQL's text form: parameters of one
/// statement, which is one round trip.
class column_arrays {
public:
  explicit column_arrays(const std::vector<column>& columns);
  column_arrays(const column_arrays&) = delete;
  column_arrays& operator=(const column_arrays&) = delete;

  void clear();
  /// Of a row that fits the columns (see `fits`).
  void add(const std::vector<column_value>& values);
  void close();

  /// Binds by address, in the order of the columns.
  void bind(statement& sql);
  /// As arguments of unnest: "CAST(:amount_of AS BIGINT[]), …". Empty if there are no columns.
  [[nodiscard]] std::string arguments() const;
  /// Of the columns with something before each: "g.name, g.amount".
  [[nodiscard]] std::string names(const std::string& prefix = {}) const;

private:
  const std::vector<column> columns_;
  std::vector<array_text> arrays_; // never resized: bound by address
};

/// How many rows go into one statement: so many, or as many bytes, whose room is kept for the next.
class arrays_room {
public:
  /// Whether a row more fits, which is taken then. `beside`: bytes of it that stand in no column.
  [[nodiscard]] bool take(const std::vector<column_value>& values, std::size_t beside = 0) noexcept;

private:
  static constexpr std::size_t most_rows = 500, most_bytes = 256 * 1024;
  std::size_t rows_ = 0, bytes_ = 0;
};

} // namespace penstock::storage
