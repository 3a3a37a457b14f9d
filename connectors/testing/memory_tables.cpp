#include "connectors/testing/memory_tables.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace penstock::connectors::testing {
namespace {

sqlite3* open_in_memory() {
  sqlite3* opened = nullptr;
  if (sqlite3_open(":memory:", &opened) != SQLITE_OK)
    throw std::runtime_error("no database in memory");
  return opened;
}

/// What the store's SQLite dialect makes of `{utc:COLUMN}`.
std::string adapted(std::string ddl) {
  constexpr std::string_view opening = "{utc:";
  for (auto at = ddl.find(opening); at != std::string::npos; at = ddl.find(opening, at)) {
    const auto end = ddl.find('}', at);
    const auto column = ddl.substr(at + opening.size(), end - at - opening.size());
    ddl.replace(at, end + 1 - at,
                "strftime('%Y-%m-%dT%H:%M:%S', " + column + " / 1000000, 'unixepoch') || printf('.%06dZ', " + column +
                  " % 1000000)");
  }
  return ddl;
}

void bind(sqlite3_stmt* statement, int place, const column_value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    sqlite3_bind_int64(statement, place, *integer);
  else if (const auto* real = std::get_if<double>(&value))
    sqlite3_bind_double(statement, place, *real);
  else if (const auto* text = std::get_if<std::string>(&value))
    sqlite3_bind_text(statement, place, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
  else
    sqlite3_bind_null(statement, place);
}

column_value value_at(sqlite3_stmt* statement, int place) {
  switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, place)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, place);
    case SQLITE_NULL: return std::monostate{};
    default: break;
  }
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, place));
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, place)));
}

std::string shown(const column_value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value))
    return std::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value))
    return '"' + *text + '"';
  return "NULL";
}

} // namespace

memory_tables::memory_tables(const connector& subject)
    : schemas_(subject.tables), database_(open_in_memory(), &sqlite3_close) {
  for (const auto& step : subject.migrations)
    for (const auto& statement : step.statements)
      if (!statement.starts_with("{again}")) // of what an earlier start left: there was none
        run(adapted(statement), {});
}

memory_tables::~memory_tables() = default;

row_set memory_tables::run(const std::string& sql, const std::vector<column_value>& parameters) const {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK)
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_.get()));
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, &sqlite3_finalize);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto place = sqlite3_bind_parameter_index(prepared, (":p" + std::to_string(i + 1)).c_str());
    if (place > 0)
      bind(prepared, place, parameters[i]);
  }
  row_set found;
  const int columns = sqlite3_column_count(prepared);
  for (int i = 0; i < columns; ++i)
    found.columns.emplace_back(sqlite3_column_name(prepared, i));
  int state = sqlite3_step(prepared);
  for (; state == SQLITE_ROW; state = sqlite3_step(prepared)) {
    auto& row = found.rows.emplace_back();
    for (int i = 0; i < columns; ++i)
      row.push_back(value_at(prepared, i));
  }
  if (state != SQLITE_DONE)
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(database_.get()));
  return found;
}

row_set memory_tables::select(const std::string& sql, const std::vector<column_value>& parameters) const {
  return run(sql, parameters);
}

const table_schema& memory_tables::schema(std::string_view table) const {
  for (const auto& each : schemas_)
    if (each.name == table)
      return each;
  throw std::runtime_error("no schema for the table " + std::string(table));
}

row_counts memory_tables::upsert(const row_upserts& batch, timestamp now) {
  const auto& known = schema(batch.table);
  std::string names, places, changes, differences;
  for (std::size_t i = 0; i < known.columns.size(); ++i) {
    const auto& name = known.columns[i].name;
    const auto place = ":p" + std::to_string(i + 5);
    names += ", " + name;
    places += ", " + place;
    changes += ", " + name + " = " + place;
    differences += " OR " + name + " IS NOT " + place;
  }
  const auto key = " WHERE integration_id = :p1 AND source_id = :p2";
  row_counts counts;
  for (const auto& row : batch.rows) {
    if (row.values.size() != known.columns.size())
      throw std::runtime_error("a row of " + batch.table + " has another number of values than the schema");
    std::vector<column_value> parameters{batch.integration.value, row.source_id, row.version,
                                         now.time_since_epoch().count()};
    parameters.insert(parameters.end(), row.values.begin(), row.values.end());
    const std::string deleted_at = row.deleted ? ":p4" : "NULL";
    const auto holds = [&](const std::string& condition) {
      return !run("SELECT 1 FROM " + batch.table + key + condition, parameters).rows.empty();
    };
    if (!holds("")) {
      run("INSERT INTO " + batch.table +
            " (integration_id, source_id, source_version, first_seen_at, updated_at, deleted_at" + names +
            ") VALUES (:p1, :p2, :p3, :p4, :p4, " + deleted_at + places + ")",
          parameters);
      ++(row.deleted ? counts.deleted : counts.added);
      continue;
    }
    const bool marks = row.deleted && holds(" AND source_version <= :p3 AND deleted_at IS NULL");
    if (marks || holds(" AND source_version <= :p3 AND (FALSE" +
                       std::string(row.deleted ? "" : " OR deleted_at IS NOT NULL") + differences + ")")) {
      const std::string mark = !row.deleted ? ", deleted_at = NULL" : marks ? ", deleted_at = :p4" : "";
      run("UPDATE " + batch.table + " SET source_version = :p3, updated_at = :p4" + mark + changes + key, parameters);
      ++(marks ? counts.deleted : counts.updated);
    } else {
      // As the store does: the same content under a newer version is remembered.
      if (row.version > 0)
        run("UPDATE " + batch.table + " SET source_version = :p3" + key + " AND source_version < :p3", parameters);
      ++counts.unchanged;
    }
  }
  return counts;
}

void memory_tables::append(const row_appends& batch) {
  const auto& known = schema(batch.table);
  for (const auto& row : batch.rows) {
    if (row.size() != known.columns.size())
      throw std::runtime_error("a row of " + batch.table + " has another number of values than the schema");
    std::string places;
    for (std::size_t i = 0; i < row.size(); ++i)
      places += (i ? ", :p" : ":p") + std::to_string(i + 1);
    run("INSERT INTO " + batch.table + " VALUES (" + places + ")", row);
  }
}

std::vector<std::string> memory_tables::dump(const std::string& table, bool versions) const {
  const auto& known = schema(table);
  std::string names = known.append_only ? "rowid" : "integration_id, source_id, deleted_at";
  if (versions && !known.append_only)
    names += ", source_version";
  for (const auto& column : known.columns)
    names += ", " + column.name;
  std::vector<std::string> lines;
  for (const auto& row : run("SELECT " + names + " FROM " + table + " ORDER BY 1, 2", {}).rows) {
    auto& line = lines.emplace_back();
    for (const auto& value : row)
      line += shown(value) + " | ";
  }
  return lines;
}

} // namespace penstock::connectors::testing
