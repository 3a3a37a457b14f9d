#include "storage/postgresql_copy.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <soci/postgresql/soci-postgresql.h>

#include "storage/copy_facts.hpp"
#include "storage/portable_text.hpp"
#include "storage/postgresql_pipeline.hpp"
#include "storage/statement.hpp"
#include "storage/storage_exception.hpp"

namespace penstock::storage {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr const char* no_limits = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";

PGconn* handle(session& db) { return static_cast<soci::postgresql_session_backend*>(db.raw().get_backend())->conn_; }

std::string names_of(const stored_table& table) {
  std::string names;
  for (const auto& each : table.columns)
    names += (names.empty() ? "\"" : ", \"") + each.name + "\"";
  return names;
}

[[noreturn]] void strange(const stored_table& table) {
  throw storage_exception(
    error{error_code::storage_failed, "the database server told a row of " + table.name + " that cannot be read"});
}

// COPY's text form (PostgreSQL manual, COPY, "Text Format"): a row is a line, values stand between tabs, \N is NULL.

std::string unescape(std::string_view field, const stored_table& table) {
  std::string text;
  text.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\') {
      text += field[i];
      continue;
    }
    if (++i == field.size())
      strange(table);
    constexpr std::string_view written = "bfnrtv\\", meant = "\b\f\n\r\t\v\\";
    const auto which = written.find(field[i]);
    if (which == std::string_view::npos)
      strange(table);
    text += meant[which];
  }
  return text;
}

template <class Number>
Number number_of(std::string_view field, const stored_table& table) {
  Number value{};
  const auto [end, problem] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (problem != std::errc{} || end != field.data() + field.size())
    strange(table);
  return value;
}

void read_line(std::string_view line, const stored_table& table, table_row& row) {
  row.resize(table.columns.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto tab = line.find('\t');
    const auto field = line.substr(0, tab);
    if ((tab == std::string_view::npos) != (i + 1 == row.size()))
      strange(table);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
    if (field == "\\N")
      row[i] = std::monostate{};
    else if (table.columns[i].type == column_type::text)
      row[i] = unescape(field, table);
    else if (table.columns[i].type == column_type::integer)
      row[i] = number_of<std::int64_t>(field, table);
    else
      row[i] = number_of<double>(field, table);
  }
}

class line_writer {
public:
  explicit line_writer(std::string& to) : line(to) {}
  void operator()(std::monostate) const { line += "\\N"; }
  void operator()(std::int64_t value) const { put_number(value); }
  void operator()(double value) const { put_number(value); }
  void operator()(const std::string& value) const {
    for (const char c : value)
      switch (c) {
        case '\\': line += "\\\\"; break;
        case '\n': line += "\\n"; break;
        case '\r': line += "\\r"; break;
        case '\t': line += "\\t"; break;
        default: line += c;
      }
  }

private:
  template <class Number>
  void put_number(Number value) const {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    line.append(digits.data(), end);
  }

  std::string& line;
};

struct free_line {
  void operator()(char* line) const noexcept { PQfreemem(line); }
};

class postgresql_source final : public table_source {
public:
  postgresql_source(session& db, bool own) : db_(db), own_(own) {}

  copy_facts facts() override { return read_copy_facts(db_); }

  void give_all(table_taker& taker) override {
    const auto tables = read_tables(db_);
    if (own_)
      db_.execute("begin copy", std::string{no_limits} + "; " + db_.sql_dialect().begin_read());
    else
      db_.execute("go on with copy", no_limits); // what was posted is done
    try {
      for (const auto& table : tables)
        if (table.name != "schema_migrations")
          give(table, taker);
    } catch (...) {
      if (own_)
        db_.rollback();
      throw;
    }
    if (own_)
      db_.execute("end copy", "ROLLBACK"); // nothing was written
  }

private:
  void give(const stored_table& table, table_taker& taker) {
    taker.begin_table(table);
    db_.before("copy out");
    auto* connection = handle(db_);
    const auto sql = "COPY \"" + table.name + "\" (" + names_of(table) + ") TO STDOUT";
    const postgresql_result begun(PQexec(connection, sql.c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_OUT)
      fail(begun.get());
    table_row row;
    for (;;) {
      char* raw = nullptr;
      const int length = PQgetCopyData(connection, &raw, 0);
      const std::unique_ptr<char, free_line> line(raw);
      if (length == -1)
        break;
      if (length < 1)
        fail(nullptr);
      read_line({raw, static_cast<std::size_t>(length) - 1}, table, row);
      taker.take(row);
    }
    const postgresql_result ended(PQgetResult(connection));
    while (const postgresql_result rest{PQgetResult(connection)}) {}
    if (PQresultStatus(ended.get()) != PGRES_COMMAND_OK)
      fail(ended.get());
    taker.end_table();
  }

  [[noreturn]] void fail(const PGresult* told) {
    const char* state = told ? PQresultErrorField(told, PG_DIAG_SQLSTATE) : nullptr;
    try {
      throw soci::postgresql_soci_error("", state ? state : "     ");
    } catch (...) {
      db_.rethrow("copy out");
    }
  }

  session& db_;
  const bool own_;
};

} // namespace

std::unique_ptr<table_source> make_postgresql_source(session& db, bool own_transaction) {
  return std::make_unique<postgresql_source>(db, own_transaction);
}

postgresql_inserter::postgresql_inserter(session& db, const stored_table& table)
    : db_(db), sql_("COPY \"" + table.name + "\" (" + names_of(table) + ") FROM STDIN") {}

void postgresql_inserter::insert(const table_row& row) {
  bool first = true;
  for (const auto& value : row) {
    if (!std::exchange(first, false))
      bytes_ += '\t';
    std::visit(line_writer{bytes_}, value);
  }
  bytes_ += '\n';
  if (bytes_.size() >= block_bytes)
    finish();
}

void postgresql_inserter::finish() {
  if (!bytes_.empty())
    db_.copy("copy in", sql_, bytes_);
  bytes_.clear();
}

void move_serials_on(session& db) {
  std::vector<std::pair<std::string, std::string>> serials;
  std::string table, column;
  statement read(
    db, "find serials",
    "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT) FROM pg_class c JOIN pg_namespace n ON n.oid = "
    "c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = current_schema() AND "
    "c.relkind = 'r' AND a.attidentity <> '' AND NOT a.attisdropped ORDER BY 1");
  read.out(table).out(column);
  for (bool row = read.first(); row; row = read.next())
    serials.emplace_back(table, column);
  for (const auto& [of, name] : serials)
    db.execute("move serial on", "SELECT setval(pg_get_serial_sequence(quote_ident('" + of + "'), '" + name +
                                   "'), COALESCE((SELECT MAX(\"" + name + "\") FROM \"" + of + "\"), 0) + 1, false)");
}

} // namespace penstock::storage
