#include <algorithm>
#include <cctype>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <soci/postgresql/soci-postgresql.h>

#include "storage/portable_text.hpp"
#include "storage/postgresql_errors.hpp"
#include "storage/row_reads.hpp"
#include "storage/seam.hpp"
#include "storage/select_text.hpp"

namespace penstock::storage {
namespace {

struct clearing {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using answer = std::unique_ptr<PGresult, clearing>;

// Numbers of types in the catalogue of every PostgreSQL.
enum type_number : Oid {
  boolean = 16,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  float4 = 700,
  float8 = 701,
  numeric = 1700
};

/// A SELECT as libpq takes it: `:p3` becomes `$3`, outside of quotes.
struct numbered_select {
  std::string sql;
  std::size_t highest = 0;
  std::string unknown;  ///< a parameter that has no such name
  bool several = false; ///< more than one statement
  bool writes = false;  ///< a word of those that write stands in it
};

bool has_writing_word(std::string_view sql) {
  std::string lower;
  for (const char c : sql)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view word : {"insert ", "update ", "delete ", "merge "})
    if (lower.find(word) != std::string::npos)
      return true;
  return false;
}

numbered_select number_parameters(std::string_view sql) {
  numbered_select made;
  made.writes = has_writing_word(sql);
  char quote = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (quote == 0 && c == ';' && sql.find_first_not_of(" \t\r\n;", at) != std::string_view::npos)
      made.several = true;
    if (quote != 0 || c == '\'' || c == '"') {
      quote = quote == 0 ? c : quote == c ? '\0' : quote;
    } else if (c == ':' && at + 1 < sql.size() && sql[at + 1] == ':') {
      made.sql += "::";
      ++at;
      continue;
    } else if (c == ':') {
      auto end = at + 1; // of the name
      while (end < sql.size() && (std::isalnum(static_cast<unsigned char>(sql[end])) || sql[end] == '_'))
        ++end;
      const auto name = sql.substr(at + 1, end - at - 1);
      std::size_t number = 0;
      if (name.starts_with('p'))
        if (const auto [end, bad] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
            bad != std::errc{} || end != name.data() + name.size())
          number = 0;
      if (number == 0)
        made.unknown = std::string{sql.substr(at, end - at)};
      made.highest = std::max(made.highest, number);
      made.sql.append("$").append(std::to_string(number));
      at = end - 1;
      continue;
    }
    made.sql += c;
  }
  return made;
}

struct bound_parameters {
  std::vector<std::string> texts;
  std::vector<const char*> values;
  std::vector<Oid> types;

  explicit bound_parameters(const std::vector<column_value>& given, std::size_t count) {
    texts.reserve(count); // `values` points into it
    for (std::size_t i = 0; i < count; ++i)
      add(given[i]);
  }

private:
  void add(const column_value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
      add(std::to_string(*number), int8);
    else if (const auto* real = std::get_if<double>(&value)) {
      char digits[40];
      const auto end = std::to_chars(digits, digits + sizeof digits, *real).ptr;
      add({digits, end}, float8);
    } else if (const auto* words = std::get_if<std::string>(&value)) {
      auto fit = *words;
      mend_text(fit);
      add(std::move(fit), text);
    } else {
      values.push_back(nullptr);
      types.push_back(0);
    }
  }
  void add(std::string value, Oid type) {
    values.push_back(texts.emplace_back(std::move(value)).c_str());
    types.push_back(type);
  }
};

column_value value_at(const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column))
    return std::monostate{};
  const std::string_view told{PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
  const auto number = [&](auto value) -> column_value {
    std::from_chars(told.data(), told.data() + told.size(), value);
    return value;
  };
  switch (PQftype(rows, column)) {
    case boolean: return std::int64_t{told == "t" ? 1 : 0};
    case int2:
    case int4:
    case int8: return number(std::int64_t{0});
    case float4:
    case float8: return number(0.0);
    case numeric: // sums of whole numbers are whole
      return told.find('.') == std::string_view::npos && told.size() <= 18 ? number(std::int64_t{0}) : number(0.0);
    default: return std::string{told};
  }
}

class postgresql_row_reads final : public row_reads {
public:
  explicit postgresql_row_reads(session& db) : db_(db) {}

  result<row_set> select(const std::string& sql, const std::vector<column_value>& parameters,
                         std::int64_t limit) override {
    if (limit < 1)
      return failure(error_code::invalid_argument, "a SELECT needs a limit of at least 1");
    const auto wanted = number_parameters(sql);
    if (!wanted.unknown.empty() || wanted.highest > parameters.size())
      return failure(error_code::invalid_argument,
                     "the SELECT names the parameter " +
                       (wanted.unknown.empty() ? ":p" + std::to_string(wanted.highest) : wanted.unknown) +
                       ", but :p1 to :p" + std::to_string(parameters.size()) + " are given");
    if (wanted.several || !starts_as_query(sql))
      return failure(error_code::invalid_argument, "rows are read with one SELECT at a time");
    return at_seam([&] { return read(wanted, parameters, limit); });
  }

private:
  /// In a transaction of its own, since a cursor keeps the server from sending more rows than are wanted.
  result<row_set> read(const numbered_select& wanted, const std::vector<column_value>& parameters, std::int64_t limit) {
    db_.before("select rows");
    // People's questions have no index of their own: the planner decides.
    db_.execute("begin read", db_.sql_dialect().begin_read() +
                                "; SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on; "
                                "SET LOCAL plan_cache_mode = auto");
    auto found = fetch(wanted, parameters, limit);
    db_.rollback(); // nothing was written
    return found;
  }

  result<row_set> fetch(const numbered_select& wanted, const std::vector<column_value>& parameters,
                        std::int64_t limit) {
    auto* connection = static_cast<soci::postgresql_session_backend*>(db_.raw().get_backend())->conn_;
    const bound_parameters bound(parameters, wanted.highest);
    const auto declare = "DECLARE penstock_rows NO SCROLL CURSOR FOR " + wanted.sql;
    const answer declared{PQexecParams(connection, declare.c_str(), static_cast<int>(bound.values.size()),
                                       bound.types.data(), bound.values.data(), nullptr, nullptr, 0)};
    if (PQresultStatus(declared.get()) != PGRES_COMMAND_OK)
      return refuse(declared.get(), wanted.writes);
    const auto fetch = "FETCH " + std::to_string(limit) + " FROM penstock_rows";
    const answer rows{PQexec(connection, fetch.c_str())};
    if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK)
      return refuse(rows.get(), wanted.writes);

    row_set found;
    const int columns = PQnfields(rows.get());
    for (int i = 0; i < columns; ++i)
      found.columns.emplace_back(PQfname(rows.get(), i));
    const int count = PQntuples(rows.get());
    found.rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
      auto& values = found.rows.emplace_back();
      values.reserve(static_cast<std::size_t>(columns));
      for (int i = 0; i < columns; ++i)
        values.push_back(value_at(rows.get(), row, i));
    }
    return found;
  }

  tl::unexpected<error> refuse(const PGresult* result, bool writes) {
    const char* told = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view state = told ? told : "08000";
    // What is no SELECT, or one that writes.
    if (state == "0A000" || state == "25006" || state == "42P11" || (state == "42601" && writes))
      return failure(error_code::invalid_argument, "rows are read with one SELECT at a time, which must not write");
    if (state.starts_with("42")) { // names of tables and columns, never values
      const char* reason = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
      return failure(error_code::storage_failed,
                     "the database refuses the SELECT: " + std::string{reason ? reason : "no reason given"});
    }
    return failure(explain_sqlstate(state, "select rows").problem());
  }

  session& db_;
};

} // namespace

std::unique_ptr<row_reads> make_postgresql_row_reads(session& db) { return std::make_unique<postgresql_row_reads>(db); }

} // namespace penstock::storage
