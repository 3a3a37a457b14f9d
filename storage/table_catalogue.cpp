#include "storage/table_catalogue.hpp"

#include <algorithm>

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

constexpr const char* of_sqlite =
  "SELECT m.name, p.name, LOWER(p.type) FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' "
  "AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid";
constexpr const char* of_postgresql =
  "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), format_type(a.atttypid, a.atttypmod) FROM pg_class c "
  "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = "
  "current_schema() AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped "
  "ORDER BY CAST(c.relname AS TEXT) COLLATE \"C\", a.attnum";

column_type type_of(std::string_view declared) {
  if (declared == "text")
    return column_type::text;
  return declared == "double precision" || declared == "real" ? column_type::real : column_type::integer;
}

} // namespace

const stored_table* find_table(const std::vector<stored_table>& tables, std::string_view name) noexcept {
  const auto found =
    std::find_if(tables.begin(), tables.end(), [&](const stored_table& each) { return each.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

bool stored_table::has(std::string_view column_name) const noexcept {
  return std::any_of(columns.begin(), columns.end(), [&](const column& each) { return each.name == column_name; });
}

std::vector<stored_table> read_tables(session& db) {
  std::vector<stored_table> tables;
  std::string table, name, declared;
  statement read(db, "read tables", db.sql_dialect().shared() ? of_postgresql : of_sqlite);
  read.out(table).out(name).out(declared);
  for (bool row = read.first(); row; row = read.next()) {
    if (tables.empty() || tables.back().name != table)
      tables.push_back({table, {}});
    tables.back().columns.push_back({name, type_of(declared)});
  }
  return tables;
}

} // namespace penstock::storage
