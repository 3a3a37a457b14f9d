#include "storage/array_upserts.hpp"

#include <algorithm>

#include "storage/portable_text.hpp"

namespace penstock::storage {
namespace {

/// What is before a list of columns that may be empty.
std::string separator(const table_schema& schema) { return schema.columns.empty() ? "" : ", "; }

/// LIMIT cuts nothing off. It is there for the planner, who takes any array for ten rows and so, where an integration has about
/// as few by its statistics, would read the whole of a large integration for each array. Of what a LIMIT leaves that it
/// cannot read (thus the SELECT) it expects a tenth: one row, and it looks each up by its key.
std::string given(const std::string& values, const std::string& names) {
  return " FROM (SELECT CAST(:integration AS BIGINT) AS integration_id, " + values + ") AS u(" + names +
         ") LIMIT (SELECT 1000000)) g";
}

/// The rows of the statement's arrays, as `g`.
std::string from_given(const table_schema& schema) {
  const column_arrays columns(schema.columns);
  return given("CAST(:now AS BIGINT) AS updated_at, u.* FROM unnest(CAST(:ids AS TEXT[]), CAST(:versions AS BIGINT[])" +
                 separator(schema) + columns.arguments(),
               "source_id, source_version" + separator(schema) + columns.names());
}

std::string insert_sql(const table_schema& schema) {
  const column_arrays columns(schema.columns);
  return "INSERT INTO " + schema.name + " (integration_id, source_id, source_version, first_seen_at, updated_at" +
         separator(schema) + columns.names() +
         ") SELECT g.integration_id, g.source_id, g.source_version, g.updated_at, g.updated_at" + separator(schema) +
         columns.names("g.") + from_given(schema) +
         " ON CONFLICT (integration_id, source_id) DO NOTHING RETURNING source_id";
}

std::string update_sql(const table_schema& schema) {
  std::string assignments, differs = "t.deleted_at IS NOT NULL";
  for (const auto& column : schema.columns) {
    assignments += ", " + column.name + " = g." + column.name;
    differs += " OR t." + column.name + " IS DISTINCT FROM g." + column.name;
  }
  return "UPDATE " + schema.name +
         " t SET source_version = g.source_version, updated_at = g.updated_at, deleted_at = NULL" + assignments +
         from_given(schema) +
         " WHERE t.integration_id = g.integration_id AND t.source_id = g.source_id "
         "AND t.source_version <= g.source_version AND (" +
         differs + ") RETURNING t.source_id";
}

std::string raise_sql(const table_schema& schema) {
  return "UPDATE " + schema.name + " t SET source_version = g.source_version" +
         given("u.* FROM unnest(CAST(:ids AS TEXT[]), CAST(:versions AS BIGINT[])", "source_id, source_version") +
         " WHERE t.integration_id = g.integration_id AND t.source_id = g.source_id "
         "AND t.source_version < g.source_version";
}

/// As the database keeps it.
std::string stored_id(const synced_row& row) {
  std::string id = row.source_id;
  mend_text(id);
  return id;
}

} // namespace

array_upserts::of_rows::of_rows(session& db, const table_schema& schema, const std::string& name,
                                const std::string& text, std::int64_t& integration, std::int64_t& now)
    : values(schema.columns), sql(db, name + schema.name, text) {
  sql.in(integration).in(now).in(ids.text()).in(versions.text());
  values.bind(sql);
  sql.out(found);
}

array_upserts::array_upserts(session& db, const table_schema& schema)
    : insert_(db, schema, "insert rows of ", insert_sql(schema), integration_, now_),
      update_(db, schema, "update rows of ", update_sql(schema), integration_, now_),
      raise_versions_(db, "raise versions in " + schema.name, raise_sql(schema)) {
  raise_versions_.in(integration_).in(raised_ids_.text()).in(raised_versions_.text());
}

std::size_t array_upserts::together(std::span<const synced_row> rows) {
  places_.clear();
  arrays_room room;
  std::size_t taken = 0;
  for (const auto& row : rows) {
    if (row.deleted || !room.take(row.values, row.source_id.size()) || !places_.emplace(stored_id(row), taken).second)
      break;
    ++taken;
  }
  return taken;
}

const std::vector<row_change>& array_upserts::write(std::span<const synced_row> rows, std::int64_t integration,
                                                    std::int64_t now) {
  integration_ = integration;
  now_ = now;
  changes_.assign(rows.size(), row_change::unchanged);
  run(insert_, rows, row_change::added);
  run(update_, rows, row_change::updated);
  raise_versions(rows);
  return changes_;
}

void array_upserts::run(of_rows& by, std::span<const synced_row> rows, row_change change) {
  if (places_.empty())
    return;
  put_in_order();
  by.ids.clear();
  by.versions.clear();
  by.values.clear();
  for (const auto* each : order_) {
    by.ids.add(std::string_view{each->first});
    by.versions.add(rows[each->second].version);
    by.values.add(rows[each->second].values);
  }
  by.ids.close();
  by.versions.close();
  by.values.close();
  for (bool row = by.sql.first(); row; row = by.sql.next())
    if (const auto found = places_.find(by.found); found != places_.end()) {
      changes_[found->second] = change;
      places_.erase(found);
    }
}

void array_upserts::put_in_order() {
  order_.clear();
  for (const auto& each : places_)
    order_.push_back(&each);
  // Two nodes that write the same page lock its rows alike, as far as the server keeps to the order: fewer deadlocks, which
  // are run again.
  std::sort(order_.begin(), order_.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
}

void array_upserts::raise_versions(std::span<const synced_row> rows) {
  put_in_order();
  raised_ids_.clear();
  raised_versions_.clear();
  bool any = false;
  for (const auto* each : order_)
    if (const auto version = rows[each->second].version; version > 0) {
      any = true;
      raised_ids_.add(std::string_view{each->first});
      raised_versions_.add(version);
    }
  raised_ids_.close();
  raised_versions_.close();
  if (any)
    raise_versions_.post();
}

} // namespace penstock::storage
