#include "connectors/http_json/column_names.hpp"

#include <algorithm>
#include <array>

#include "core/quotable.hpp"
#include "storage/described_table.hpp"

namespace penstock::connectors::http_json {
namespace {

/// Of every synced table.
constexpr std::array<std::string_view, 7> taken{
  "integration_id", "source_id", "source_version", "first_seen_at", "updated_at", "deleted_at", "raw"};

/// What SQLite or PostgreSQL keeps for itself.
constexpr std::array<std::string_view, 133> reserved{"abort",
                                                     "action",
                                                     "add",
                                                     "all",
                                                     "alter",
                                                     "analyse",
                                                     "analyze",
                                                     "and",
                                                     "any",
                                                     "array",
                                                     "as",
                                                     "asc",
                                                     "asymmetric",
                                                     "attach",
                                                     "authorization",
                                                     "autoincrement",
                                                     "begin",
                                                     "between",
                                                     "binary",
                                                     "both",
                                                     "by",
                                                     "case",
                                                     "cast",
                                                     "check",
                                                     "collate",
                                                     "collation",
                                                     "column",
                                                     "commit",
                                                     "concurrently",
                                                     "constraint",
                                                     "create",
                                                     "cross",
                                                     "current_catalog",
                                                     "current_date",
                                                     "current_role",
                                                     "current_schema",
                                                     "current_time",
                                                     "current_timestamp",
                                                     "current_user",
                                                     "default",
                                                     "deferrable",
                                                     "delete",
                                                     "desc",
                                                     "distinct",
                                                     "do",
                                                     "drop",
                                                     "else",
                                                     "end",
                                                     "escape",
                                                     "except",
                                                     "exists",
                                                     "false",
                                                     "fetch",
                                                     "for",
                                                     "foreign",
                                                     "freeze",
                                                     "from",
                                                     "full",
                                                     "glob",
                                                     "grant",
                                                     "group",
                                                     "having",
                                                     "ilike",
                                                     "in",
                                                     "index",
                                                     "initially",
                                                     "inner",
                                                     "insert",
                                                     "intersect",
                                                     "into",
                                                     "is",
                                                     "isnull",
                                                     "join",
                                                     "lateral",
                                                     "leading",
                                                     "left",
                                                     "like",
                                                     "limit",
                                                     "localtime",
                                                     "localtimestamp",
                                                     "match",
                                                     "natural",
                                                     "not",
                                                     "nothing",
                                                     "notnull",
                                                     "null",
                                                     "offset",
                                                     "on",
                                                     "only",
                                                     "or",
                                                     "order",
                                                     "outer",
                                                     "overlaps",
                                                     "placing",
                                                     "primary",
                                                     "raise",
                                                     "references",
                                                     "regexp",
                                                     "replace",
                                                     "returning",
                                                     "right",
                                                     "row",
                                                     "rowid",
                                                     "select",
                                                     "session_user",
                                                     "set",
                                                     "similar",
                                                     "some",
                                                     "symmetric",
                                                     "system_user",
                                                     "table",
                                                     "tablesample",
                                                     "then",
                                                     "to",
                                                     "trailing",
                                                     "transaction",
                                                     "true",
                                                     "union",
                                                     "unique",
                                                     "update",
                                                     "user",
                                                     "using",
                                                     "vacuum",
                                                     "values",
                                                     "variadic",
                                                     "verbose",
                                                     "view",
                                                     "virtual",
                                                     "when",
                                                     "where",
                                                     "window",
                                                     "with",
                                                     "without"};

bool is_identifier(std::string_view name) {
  constexpr std::size_t longest = 50; // PostgreSQL cuts at 63, and a view has a prefix
  return !name.empty() && name.size() <= longest && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string objection(std::string_view name, std::string_view what) {
  const auto shown = "'" + quotable(name, 60) + "'";
  if (!is_identifier(name))
    return shown + " cannot name a " + std::string(what) + ": write 1 to 50 of a-z, 0-9 and '_', a letter first";
  if (holds(reserved, name))
    return shown + " is a word of SQL: give the " + std::string(what) + " another name";
  return {};
}

} // namespace

std::string table_objection(std::string_view name) {
  if (auto wrong = objection(name, "table"); !wrong.empty())
    return wrong;
  const auto shown = "'" + std::string(name) + "'";
  for (const std::string_view kept : {"sqlite_", "pg_", "v_"})
    if (name.starts_with(kept))
      return shown + " begins as what " + (kept == "v_" ? "views are" : "a database keeps for itself is") +
             " called: give the table another name";
  if (storage::is_engine_name(name))
    return shown + " is called as something of Penstock's own: give the table another name, such as api_" +
           std::string(name);
  return {};
}

std::string column_objection(std::string_view name) {
  if (holds(taken, name))
    return "'" + std::string(name) + "' is a column of every table: give this one another name, such as api_" +
           std::string(name);
  return objection(name, "column");
}

} // namespace penstock::connectors::http_json
