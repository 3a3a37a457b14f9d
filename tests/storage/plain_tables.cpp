#include "tests/storage/plain_tables.hpp"

#include <algorithm>

#include "storage/databases.hpp"
#include "storage/postgresql_copy.hpp"
#include "storage/sqlite_copy.hpp"
#include "storage/statement.hpp"
#include "storage/table_catalogue.hpp"

namespace penstock::storage {
namespace {

std::string shown(const column_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return "'" + *text + "'";
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value))
    return std::to_string(*real);
  return "NULL";
}

class text_taker final : public table_taker {
public:
  void begin_table(const stored_table& table) override {
    table_ = table;
    texts[table.name];
  }
  void take(table_row& row) override {
    std::map<std::string, std::string> text;
    for (std::size_t i = 0; i < row.size(); ++i)
      text[table_.columns[i].name] = shown(row[i]);
    texts[table_.name].push_back(std::move(text));
  }
  void end_table() override { std::sort(texts[table_.name].begin(), texts[table_.name].end()); }
  table_texts texts;

private:
  stored_table table_;
};

column_value made_up(const stored_table& table, const column& of, int n) {
  if (of.type == column_type::text)
    return of.name + " " + std::to_string(n) + " of " + table.name + ", with a tab\tand \"quotes\" é";
  if (of.type == column_type::real)
    return n + 0.1;
  return std::int64_t{n};
}

bool is_empty(session& db, const std::string& table) {
  std::int64_t found = 0;
  statement count(db, "count", "SELECT COUNT(*) FROM " + table);
  count.out(found);
  count.one();
  return found == 0;
}

} // namespace

plain_database::plain_database(const std::string& url, connection_role role) {
  const database_settings settings{.url = url};
  const auto file = sqlite_file(url);
  speaks = file ? make_sqlite_dialect(*file, settings) : make_postgresql_dialect(settings);
  db = std::make_unique<session>(*speaks, role, nullptr);
}

void fill_tables(session& db, int rows, const chosen_value& choose) {
  db.begin_migration();
  for (const auto& table : read_tables(db)) {
    if (table.name == "schema_migrations" || !is_empty(db, table.name))
      continue;
    const bool shared = db.sql_dialect().shared();
    std::optional<postgresql_inserter> copies;
    std::optional<sqlite_inserter> inserts;
    if (shared)
      copies.emplace(db, table);
    else
      inserts.emplace(db, table);
    for (int n = 1; n <= rows; ++n) {
      table_row row;
      for (const auto& each : table.columns) {
        auto chosen = choose ? choose(table.name, each.name, n) : std::nullopt;
        row.push_back(chosen ? std::move(*chosen) : made_up(table, each, n));
      }
      if (shared)
        copies->insert(row);
      else
        inserts->insert(row);
    }
    if (shared)
      copies->finish();
  }
  db.commit();
}

table_texts read_texts(session& db) {
  text_taker taker;
  if (db.sql_dialect().shared())
    make_postgresql_source(db, true)->give_all(taker);
  else
    make_sqlite_source(db, false)->give_all(taker);
  return std::move(taker.texts);
}

} // namespace penstock::storage
