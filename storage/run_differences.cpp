#include "storage/run_differences.hpp"

#include "storage/statement.hpp"

namespace penstock::storage {
namespace {

struct add_to_table {
  std::int64_t run = 0;
  std::string table;
  row_counts rows;
  statement sql;
  explicit add_to_table(session& db)
      : sql(
          db, "add to table of run",
          "INSERT INTO run_tables (run_id, table_name, rows_added, rows_updated, rows_unchanged, rows_deleted) VALUES "
          "(:run, :table_name, :added, :updated, :unchanged, :deleted) ON CONFLICT (run_id, table_name) DO UPDATE SET "
          "rows_added = run_tables.rows_added + excluded.rows_added, "
          "rows_updated = run_tables.rows_updated + excluded.rows_updated, "
          "rows_unchanged = run_tables.rows_unchanged + excluded.rows_unchanged, "
          "rows_deleted = run_tables.rows_deleted + excluded.rows_deleted") {
    sql.in(run).in(table).in(rows.added).in(rows.updated).in(rows.unchanged).in(rows.deleted);
  }
};

struct count_kept {
  std::int64_t run = 0, kept = 0;
  statement sql;
  explicit count_kept(session& db)
      : sql(db, "count differences", "SELECT COUNT(*) FROM run_differences WHERE run_id = :run") {
    sql.in(run).out(kept);
  }
};

struct keep_row {
  std::int64_t run = 0, change = 0;
  std::string table, source_id;
  nullable<std::string> before, after;
  statement sql;
  explicit keep_row(session& db)
      : sql(db, "keep difference",
            "INSERT INTO run_differences (run_id, table_name, source_id, change, before_row, after_row) VALUES "
            "(:run, :table_name, :source_id, :change, :before_row, :after_row)") {
    sql.in(run).in(table).in(source_id).in(change).in(before).in(after);
  }
};

struct read_tables {
  std::int64_t run = 0;
  std::string table;
  row_counts rows;
  statement sql;
  explicit read_tables(session& db)
      : sql(db, "read tables of run",
            "SELECT table_name, rows_added, rows_updated, rows_unchanged, rows_deleted FROM run_tables "
            "WHERE run_id = :run ORDER BY table_name") {
    sql.in(run).out(table).out(rows.added).out(rows.updated).out(rows.unchanged).out(rows.deleted);
  }
};

struct read_rows {
  std::int64_t run = 0, change = 0;
  std::string table, source_id;
  nullable<std::string> before, after;
  statement sql;
  explicit read_rows(session& db)
      : sql(db, "read differences",
            "SELECT table_name, source_id, change, before_row, after_row FROM run_differences WHERE run_id = :run "
            "ORDER BY id") {
    sql.in(run).out(table).out(source_id).out(change).out(before).out(after);
  }
};

/// The numbers are stored: never change them.
constexpr std::int64_t added = 0, updated = 1, deleted = 2;

} // namespace

void add_table_difference(session& db, run_id run, const std::string& table, const row_counts& rows) {
  auto& query = db.query<add_to_table>();
  query.run = run.value;
  query.table = table;
  query.rows = rows;
  query.sql.run();
}

void add_row_differences(session& db, run_id run, const std::vector<row_difference>& rows) {
  if (rows.empty())
    return;
  auto& counted = db.query<count_kept>();
  counted.run = run.value;
  counted.sql.one();
  auto room = run_difference::most_rows - counted.kept;
  auto& query = db.query<keep_row>();
  query.run = run.value;
  for (const auto& row : rows) {
    if (room-- <= 0)
      return;
    query.table = row.table;
    query.source_id = row.source_id;
    query.change = row.deleted ? deleted : row.added ? added : updated;
    query.before.set_or_null(row.before);
    query.after.set_or_null(row.after);
    query.sql.run();
  }
}

run_difference read_difference(session& db, run_id run) {
  run_difference found;
  auto& tables = db.query<read_tables>();
  tables.run = run.value;
  for (bool row = tables.sql.first(); row; row = tables.sql.next())
    found.tables.push_back({tables.table, tables.rows});
  auto& rows = db.query<read_rows>();
  rows.run = run.value;
  for (bool row = rows.sql.first(); row; row = rows.sql.next())
    found.rows.push_back({rows.table, rows.source_id, rows.change == added, rows.before.value_or(""),
                          rows.after.value_or(""), rows.change == deleted});
  return found;
}

} // namespace penstock::storage
