#pragma once

#include <cstdint>
#include <string>

#include "messages/row.hpp"
#include "storage/nullable.hpp"
#include "storage/statement.hpp"

namespace penstock::storage {

/// A statement's parameter for one column of a contributed table, of the column's type.
struct cell {
  column_type type = column_type::text;
  nullable<std::int64_t> integer;
  nullable<double> real;
  nullable<std::string> text;

  /// A value that does not fit (see `fits`) becomes NULL.
  void set(const column_value& value);
  /// Binds by address: the cell must not move any more.
  void bind(statement& sql);
  /// The same for a column that a SELECT answers with.
  void bind_out(statement& sql);
  /// What it holds.
  [[nodiscard]] column_value value() const;
};

/// Whether a column of that type can hold the value. NULL fits everywhere, an integer also in a real column.
[[nodiscard]] bool fits(const column_value& value, column_type type) noexcept;

} // namespace penstock::storage
