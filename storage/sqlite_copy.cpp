#include "storage/sqlite_copy.hpp"

#include "storage/copy_facts.hpp"
#include "storage/portable_text.hpp"
#include "storage/sqlite_handle.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

using namespace sqlite_api;

struct finalize {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using sqlite_statement = std::unique_ptr<sqlite3_stmt, finalize>;

[[noreturn]] void fail(int code) { throw soci::sqlite3_soci_error("", code); }

sqlite_statement prepare(session& db, const std::string& sql) {
  sqlite3_stmt* made = nullptr;
  if (const int code = sqlite3_prepare_v2(sqlite_handle(db.raw()), sql.c_str(), -1, &made, nullptr); code != SQLITE_OK)
    fail(code);
  return sqlite_statement{made};
}

std::string names_of(const stored_table& table) {
  std::string names;
  for (const auto& each : table.columns)
    names += (names.empty() ? "\"" : ", \"") + each.name + "\"";
  return names;
}

class sqlite_source final : public table_source {
public:
  sqlite_source(session& db, bool readable) : db_(db), readable_(readable) {}

  copy_facts facts() override { return read_copy_facts(db_); }

  void give_all(table_taker& taker) override {
    db_.execute("begin copy", "BEGIN");
    try {
      for (const auto& table : read_tables(db_))
        if (table.name != "schema_migrations")
          give(table, taker);
    } catch (...) {
      db_.rollback();
      throw;
    }
    db_.rollback(); // nothing was written
  }

private:
  void give(const stored_table& table, table_taker& taker) {
    taker.begin_table(table);
    table_row row(table.columns.size());
    for (auto read = start(table); step(*read);) {
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = value(*read, static_cast<int>(i), table);
      taker.take(row);
      row.resize(table.columns.size());
    }
    taker.end_table();
  }

  sqlite_statement start(const stored_table& table) {
    db_.before("copy out");
    try {
      return prepare(db_, "SELECT " + names_of(table) + " FROM \"" + table.name + "\"");
    } catch (...) {
      db_.rethrow("copy out");
    }
  }

  bool step(sqlite3_stmt& read) {
    const int code = sqlite3_step(&read);
    if (code == SQLITE_ROW)
      return true;
    if (code == SQLITE_DONE)
      return false;
    try {
      fail(code);
    } catch (...) {
      db_.rethrow("copy out");
    }
  }

  column_value value(sqlite3_stmt& read, int at, const stored_table& table) const {
    const auto& column = table.columns[static_cast<std::size_t>(at)];
    const int held = sqlite3_column_type(&read, at);
    if (held == SQLITE_NULL)
      return std::monostate{};
    if (column.type == column_type::integer && held == SQLITE_INTEGER)
      return sqlite3_column_int64(&read, at);
    if (column.type == column_type::real && held != SQLITE_TEXT && held != SQLITE_BLOB)
      return sqlite3_column_double(&read, at);
    if (column.type != column_type::text)
      throw storage_exception(error{error_code::storage_failed, "column " + column.name + " of table " + table.name +
                                                                  " holds what is no number: mend that row first"});
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(&read, at));
    std::string text(bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(&read, at)));
    if (readable_)
      mend_text(text);
    return text;
  }

  session& db_;
  const bool readable_;
};

struct binder {
  sqlite3_stmt* statement;
  int at;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, at); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, at, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, at, value); }
  int operator()(const std::string& value) const {
    return sqlite3_bind_text(statement, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }
};

} // namespace

std::unique_ptr<table_source> make_sqlite_source(session& db, bool readable) {
  return std::make_unique<sqlite_source>(db, readable);
}

struct sqlite_inserter::prepared {
  sqlite_statement sql;
};

sqlite_inserter::sqlite_inserter(session& db, const stored_table& table)
    : db_(db), table_(table.name), sql_(std::make_unique<prepared>()) {
  std::string marks;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    marks += i == 0 ? "?" : ", ?";
  try {
    sql_->sql = prepare(db, "INSERT INTO \"" + table.name + "\" (" + names_of(table) + ") VALUES (" + marks + ")");
  } catch (...) {
    db_.rethrow("copy into " + table_);
  }
}

sqlite_inserter::~sqlite_inserter() = default;

void sqlite_inserter::insert(const table_row& row) {
  auto* sql = sql_->sql.get();
  int at = 0, code = SQLITE_OK;
  for (const auto& value : row)
    if (code == SQLITE_OK)
      code = std::visit(binder{sql, ++at}, value);
  if (code == SQLITE_OK)
    code = sqlite3_step(sql);
  if (code == SQLITE_DONE)
    code = sqlite3_reset(sql);
  if (code == SQLITE_OK)
    return;
  try {
    fail(code);
  } catch (...) {
    db_.rethrow("copy into " + table_);
  }
}

} // namespace penstock::storage
