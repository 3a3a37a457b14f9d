#include "storage/append_writer.hpp"

namespace penstock::storage {

append_writer::append_writer(session& db, const table_schema& schema)
    : schema_(schema), cells_(schema.columns.size()), insert_(db, "append row to " + schema.name, insert_sql()) {
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i].type = schema_.columns[i].type;
    cells_[i].bind(insert_);
  }
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
  for (const auto& row : batch.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      cells_[i].set(row[i]);
    insert_.run();
  }
}

} // namespace penstock::storage
