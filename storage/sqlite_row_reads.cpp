#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "storage/row_reads.hpp"
#include "storage/seam.hpp"
#include "storage/select_text.hpp"
#include "storage/sqlite_handle.hpp"

namespace penstock::storage {
namespace {

using namespace sqlite_api;

constexpr std::string_view blanks = " \t\r\n;";

struct finalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using statement_handle = std::unique_ptr<sqlite3_stmt, finalizer>;

struct binder {
  sqlite3_stmt* statement;
  int at;
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, at); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, at, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, at, value); }
  int operator()(const std::string& value) const {
    return sqlite3_bind_text64(statement, at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
};

column_value value_at(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL: return std::monostate{};
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, column);
    default: break;
  }
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text ? std::string{text, length} : std::string{};
}

class sqlite_row_reads final : public row_reads {
public:
  explicit sqlite_row_reads(session& db) : db_(db) {}

  result<row_set> select(const std::string& sql, const std::vector<column_value>& parameters,
                         std::int64_t limit) override {
    if (limit < 1)
      return failure(error_code::invalid_argument, "a SELECT needs a limit of at least 1");
    return at_seam([&] { return read(sql, parameters, limit); });
  }

private:
  sqlite3* connection() { return sqlite_handle(db_.raw()); }

  result<row_set> read(const std::string& sql, const std::vector<column_value>& parameters, std::int64_t limit) {
    db_.before("select rows");
    auto prepared = prepare(sql);
    if (!prepared)
      return failure(std::move(prepared).error());
    auto* statement = prepared->get();
    if (auto bound = bind(statement, parameters); !bound)
      return failure(std::move(bound).error());

    row_set found;
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; ++i)
      found.columns.emplace_back(sqlite3_column_name(statement, i));
    while (std::ssize(found.rows) < limit) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE)
        break;
      if (code != SQLITE_ROW)
        return refuse(code);
      auto& row = found.rows.emplace_back();
      row.reserve(static_cast<std::size_t>(columns));
      for (int i = 0; i < columns; ++i)
        row.push_back(value_at(statement, i));
    }
    return found;
  }

  result<statement_handle> prepare(const std::string& sql) {
    if (!starts_as_query(sql))
      return failure(error_code::invalid_argument, "rows are read with a SELECT");
    sqlite3_stmt* raw = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v2(connection(), sql.c_str(), static_cast<int>(sql.size()), &raw, &rest);
    statement_handle prepared{raw};
    if (code != SQLITE_OK)
      return refuse(code);
    if (std::string_view{rest}.find_first_not_of(blanks) != std::string_view::npos)
      return failure(error_code::invalid_argument, "rows are read with one SELECT at a time");
    if (!sqlite3_stmt_readonly(prepared.get()))
      return failure(error_code::invalid_argument, "a statement that reads rows must not write");
    return prepared;
  }

  static result<void> bind(sqlite3_stmt* statement, const std::vector<column_value>& parameters) {
    const int wanted = sqlite3_bind_parameter_count(statement);
    for (int at = 1; at <= wanted; ++at) {
      const char* name = sqlite3_bind_parameter_name(statement, at);
      const std::string text = name ? name : "?";
      std::size_t number = 0;
      if (text.starts_with(":p") && text.size() > 2 && text.size() < 6 &&
          std::all_of(text.begin() + 2, text.end(), [](char c) { return c >= '0' && c <= '9'; }))
        number = std::stoul(text.substr(2));
      if (number < 1 || number > parameters.size())
        return failure(error_code::invalid_argument, "the SELECT names the parameter " + text + ", but :p1 to :p" +
                                                       std::to_string(parameters.size()) + " are given");
      if (std::visit(binder{statement, at}, parameters[number - 1]) != SQLITE_OK)
        return failure(error_code::invalid_argument, "the parameter " + text + " is too large");
    }
    return {};
  }

  /// The driver's text names tables, columns and what is wrong, never a parameter's value.
  tl::unexpected<error> refuse(int code) {
    const std::string reason = sqlite3_errmsg(connection());
    switch (code & 0xff) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED: return failure(error_code::storage_busy, "another process holds the database");
      case SQLITE_ERROR: return failure(error_code::storage_failed, "the database refuses the SELECT: " + reason);
      default: return failure(error_code::storage_failed, "reading rows failed: " + reason);
    }
  }

  session& db_;
};

} // namespace

std::unique_ptr<row_reads> make_sqlite_row_reads(session& db) { return std::make_unique<sqlite_row_reads>(db); }

} // namespace penstock::storage
