#include "storage/append_writer.hpp"

#include <algorithm>

namespace penstock::storage {

append_writer::in_arrays::in_arrays(session& db, const table_schema& schema)
    : values(schema.columns),
      sql(db, "append rows to " + schema.name,
          "INSERT INTO " + schema.name + " (" + values.names() + ") SELECT " + values.names("g.") + " FROM unnest(" +
            values.arguments() + ") AS g(" + values.names() + ")") {
  values.bind(sql);
}

append_writer::append_writer(session& db, const table_schema& schema)
    : schema_(schema), cells_(schema.columns.size()), insert_(db, "append row to " + schema.name, insert_sql()) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i].type = schema_.columns[i].type;
    cells_[i].bind(insert_);
  }
  if (db.sql_dialect().shared() && !schema.columns.empty())
    arrays_ = std::make_unique<in_arrays>(db, schema);
}

std::string append_writer::insert_sql() const {
  std::string names, values;
  for (const auto& column : schema_.columns) {
    names += (names.empty() ? "" : ", ") + column.name;
    values += (values.empty() ? ":" : ", :") + column.name + "_new";
  }
  return "INSERT INTO " + schema_.name + " (" + names + ") VALUES (" + values + ")";
}

result<void> append_writer::check(const row_appends& batch) const {
  for (const auto& row : batch.rows) {
    if (row.size() != schema_.columns.size())
      return failure(error_code::invalid_argument, "a row of " + schema_.name + " has " + std::to_string(row.size()) +
                                                     " values for " + std::to_string(schema_.columns.size()) +
                                                     " columns");
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!fits(row[i], schema_.columns[i].type))
        return failure(error_code::invalid_argument, "a row of " + schema_.name +
                                                       " has a value of another type in column " +
                                                       schema_.columns[i].name);
  }
  return {};
}

void append_writer::write(const row_appends& batch) {
  for (std::span<const std::vector<column_value>> rest = batch.rows; !rest.empty();) {
    std::size_t count = 0;
    if (arrays_)
      for (arrays_room room; count < rest.size() && room.take(rest[count]);)
        ++count;
    count = std::max<std::size_t>(count, 1); // one that is too long by itself, and where there are no arrays
    if (count > 1)
      write_together(rest.first(count));
    else
      write_one(rest.front());
    rest = rest.subspan(count);
  }
}

void append_writer::write_one(const std::vector<column_value>& row) {
  for (std::size_t i = 0; i < row.size(); ++i)
    cells_[i].set(row[i]);
  insert_.post();
}

void append_writer::write_together(std::span<const std::vector<column_value>> rows) {
  arrays_->values.clear();
  for (const auto& row : rows)
    arrays_->values.add(row);
  arrays_->values.close();
  arrays_->sql.post();
}

} // namespace penstock::storage
