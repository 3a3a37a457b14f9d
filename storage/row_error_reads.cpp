#include "storage/row_error_reads.hpp"

#include <utility>
#include <variant>
#include <vector>

#include "storage/page_walk.hpp"

namespace penstock::storage {
namespace {

constexpr std::int64_t errors_examined_for_a_page = 5'000;
/// Nodes that share a database write at nearly the same time: ids follow moments up to this.
constexpr auto disorder = std::chrono::minutes(1);

/// A SELECT with its parameters, in the order in which they are named.
struct selection {
  std::string text;
  std::vector<column_value> parameters;

  std::string add(column_value value) {
    parameters.push_back(std::move(value));
    return ":p" + std::to_string(parameters.size());
  }
};

/// How many a page looks at: no more than it holds where it keeps whatever it sees.
std::int64_t most_examined(const row_error_filter& filter, const page_walk& walk) {
  const bool keeps_all =
    filter.table.empty() && filter.kind.empty() && !filter.run && !filter.job && filter.since == no_time;
  return keeps_all ? walk.limit : errors_examined_for_a_page;
}

/// Goes down the ids and marks what the filter keeps.
selection select_of(const row_error_filter& filter, std::int64_t before, std::int64_t most) {
  selection made;
  std::string kept = "1 = 1";
  if (!filter.table.empty())
    kept += " AND e.table_name = " + made.add(filter.table);
  if (!filter.kind.empty())
    kept += " AND k.name = " + made.add(filter.kind);
  if (filter.run)
    kept += " AND e.run_id = " + made.add(filter.run.value);
  if (filter.job) {
    const auto job = made.add(filter.job.value);
    kept += " AND (e.job_id = " + job + " OR j.parent_id = " + job + ")";
  }
  made.text = "SELECT e.id, e.at, CASE WHEN " + kept +
              " THEN 1 ELSE 0 END, e.table_name, e.source_id, e.message, e.job_id, k.name, e.run_id FROM row_errors e "
              "LEFT JOIN jobs j ON j.id = e.job_id LEFT JOIN kinds k ON k.id = j.kind_id WHERE e.integration_id = " +
              made.add(filter.integration.value);
  made.text += " AND e.id < " + made.add(before) + " ORDER BY e.id DESC LIMIT " + std::to_string(most);
  return made;
}

std::int64_t number(const column_value& value) {
  const auto* found = std::get_if<std::int64_t>(&value);
  return found ? *found : 0;
}
std::string text(column_value& value) {
  auto* found = std::get_if<std::string>(&value);
  return found ? std::move(*found) : std::string{};
}

kept_row_error error_of(std::vector<column_value>& row) {
  kept_row_error kept;
  kept.id = number(row[0]);
  kept.at = timestamp{duration{number(row[1])}};
  kept.problem = {text(row[3]), text(row[4]), text(row[5])};
  kept.job = {number(row[6])};
  kept.kind = text(row[7]);
  kept.run = {number(row[8])};
  return kept;
}

} // namespace

result<page_of<kept_row_error>> read_row_errors(row_reads& rows, const row_error_filter& filter,
                                                const page_request& page) {
  const auto walk = start_walk(page);
  if (!walk)
    return failure(walk.error());
  const auto most = most_examined(filter, *walk);
  const auto wanted = select_of(filter, walk->before, most + 1);
  auto found = rows.select(wanted.text, wanted.parameters, most + 1);
  if (!found)
    return failure(std::move(found.error()));
  page_of<kept_row_error> told;
  std::int64_t examined = 0, last_seen = 0;
  for (auto& row : found->rows) {
    const timestamp at{duration{number(row[1])}};
    if (filter.since != no_time && at < filter.since - disorder)
      break;
    const bool keeps = number(row[2]) != 0 && (filter.since == no_time || at >= filter.since);
    if ((keeps && std::ssize(told.items) == walk->limit) || examined++ == most) {
      told.next_cursor = std::to_string(last_seen);
      break;
    }
    last_seen = number(row[0]);
    if (keeps)
      told.items.push_back(error_of(row));
  }
  return told;
}

} // namespace penstock::storage
