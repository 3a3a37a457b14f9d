#include "storage/table_check.hpp"

#include "storage/table_catalogue.hpp"

namespace penstock::storage {
namespace {

auto missing(const std::string& what) {
  return failure(error_code::bad_configuration,
                 "the database has no " + what +
                   ", which its connector writes. A migration that has run is never run again: undo what was edited "
                   "in it, and write the change as a migration with the next number");
}

} // namespace

result<void> check_tables(session& db, const std::vector<table_schema>& written) {
  if (written.empty())
    return {};
  const auto stored = read_tables(db);
  for (const auto& table : written) {
    const auto* found = find_table(stored, table.name);
    if (found == nullptr)
      return missing("table " + table.name);
    for (const auto& each : table.columns)
      if (!found->has(each.name))
        return missing("column " + each.name + " in table " + table.name);
  }
  return {};
}

} // namespace penstock::storage
