#include "connectors/http_json/tables.hpp"

#include "storage/described_table.hpp"

namespace penstock::connectors::http_json {

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
  return steps;
}

} // namespace penstock::connectors::http_json
