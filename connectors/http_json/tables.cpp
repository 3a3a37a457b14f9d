#include "connectors/http_json/tables.hpp"

#include "storage/described_table.hpp"

namespace penstock::connectors::http_json {
namespace {

std::string source_of_versions(const description& of) {
  if (of.updated_place.empty())
    return "nothing";
  switch (of.times) {
    case time_format::rfc3339: return of.updated_place + " in rfc3339";
    case time_format::seconds: return of.updated_place + " in seconds";
    case time_format::milliseconds: break;
  }
  return of.updated_place + " in milliseconds";
}

} // namespace

table_schema table_of(const description& of) {
  table_schema table;
  table.name = of.table;
  for (const auto& each : of.fields)
    table.columns.push_back({each.column, each.stored_as()});
  table.columns.push_back({"raw", column_type::text});
  return table;
}

std::vector<storage::migration> migrations_of(const description& of) {
  std::vector<storage::migration> steps{storage::described_table(of.table)};
  std::vector<std::string> shown;
  for (const auto& each : of.fields) {
    steps.push_back(storage::described_column(of.table, {each.column, each.stored_as()}));
    shown.push_back(each.type == field_type::time ? "{utc:" + each.column + "} AS " + each.column : each.column);
  }
  steps.push_back(storage::described_view(of.table, shown));
  steps.push_back(storage::described_versions(of.table, source_of_versions(of)));
  return steps;
}

} // namespace penstock::connectors::http_json
