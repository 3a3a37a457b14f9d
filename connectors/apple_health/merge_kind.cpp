#include <iterator>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "connectors/apple_health/kinds.hpp"
#include "connectors/apple_health/metric_spans.hpp"
#include "connectors/apple_health/source_lists.hpp"
#include "connectors/apple_health/tables.hpp"

namespace penstock::connectors::apple_health {
namespace {

constexpr std::size_t most_rows = 1000;

/// Points that stand where another export told one with a list of sources. Mostly there are none. Which moments they are of
/// is found first, and once: left to itself a planner that knows nothing of a young table looks anew for each row. (SQLite keeps
/// the order of a CROSS JOIN.)
std::string query() {
  return "WITH several AS MATERIALIZED (SELECT recorded_at FROM health_metrics "
         "WHERE integration_id = :p1 AND name = :p2 AND recorded_at BETWEEN :p3 AND :p4 AND deleted_at IS NULL "
         "AND source IS NOT NULL GROUP BY recorded_at HAVING COUNT(*) > 1 AND MIN(source_version) < "
         "MAX(source_version) AND MAX(CASE WHEN source LIKE '%|%' THEN 1 ELSE 0 END) = 1) "
         "SELECT m.source_id, m.source_version, m.name, m.recorded_at, m.source, m.qty, m.min, m.avg, m.max, m.units, "
         "m.extra FROM several s CROSS JOIN health_metrics m WHERE m.integration_id = :p1 AND m.name = :p2 "
         "AND m.recorded_at = s.recorded_at AND m.deleted_at IS NULL ORDER BY m.recorded_at, m.source_id LIMIT " +
         std::to_string(most_rows);
}

constexpr std::size_t columns_before = 2; // the key and the version

std::int64_t moment_of(const std::vector<column_value>& row) {
  return std::get<std::int64_t>(row[columns_before + metric_recorded_at]);
}

void delete_covered(std::vector<stored_point>& points, std::int64_t version, std::vector<synced_row>& into) {
  for (const auto place : covered_points(points)) {
    auto& gone = points[place];
    into.push_back({std::move(gone.source_id), std::move(gone.values), version, true});
  }
}

/// What is told of rows that another one covers goes into `into`. Where the answer was full its last moment may not be
/// whole: it is asked for again, from there on. Nothing: the span is done.
std::optional<std::int64_t> take_page(std::vector<std::vector<column_value>> rows, std::int64_t version,
                                      std::vector<synced_row>& into) {
  if (rows.empty())
    return std::nullopt;
  const bool is_full = rows.size() == most_rows;
  const auto first = moment_of(rows.front()), last = moment_of(rows.back());
  std::vector<stored_point> points;
  std::int64_t moment = first;
  for (auto& row : rows) {
    if (moment_of(row) != moment) {
      delete_covered(points, version, into);
      points.clear();
      moment = moment_of(row);
    }
    const auto key = row.begin() + columns_before;
    points.push_back({std::get<std::string>(std::move(row[0])), std::get<std::int64_t>(row[1]),
                      {std::make_move_iterator(key), std::make_move_iterator(row.end())}});
  }
  if (!is_full || first == last)
    delete_covered(points, version, into);
  if (!is_full)
    return std::nullopt;
  return first == last ? last + 1 : last;
}

net::asio::awaitable<result<unit_of_work>> merge(fetch_context& context) {
  const auto& job = context.job;
  const auto spans = parse_spans(job.args);
  if (!spans)
    co_return failure(spans.error());
  if (!job.integration || !job.parent)
    co_return failure(error_code::invalid_argument, job.kind + ": it belongs to an export of an integration");
  row_upserts gone{std::string(metrics_table), job.integration, {}};
  for (const auto& span : *spans) {
    std::optional<std::int64_t> from = span.from;
    while (from && *from <= span.to) {
      const column_value account = job.integration.value, name = span.name, begin = *from, end = span.to;
      std::vector<column_value> parameters{account, name, begin, end};
      auto found = co_await context.rows.select(query(), std::move(parameters));
      if (!found)
        co_return failure(found.error());
      from = take_page(std::move(found->rows), job.parent.value, gone.rows);
    }
  }
  unit_of_work unit;
  unit.ends = attempt_end{};
  unit.ends->result = boost::json::serialize(boost::json::object{{"merged", gone.rows.size()}});
  if (!gone.rows.empty())
    unit.rows.push_back(std::move(gone));
  co_return unit;
}

} // namespace

job_handler merge_sources() {
  auto kind = job_kind::fetch("apple_health.merge_sources"); // what is stored is fetched: nobody outside is asked
  kind.queue = job_kind::process({}).queue;                  // in order with the jobs that store points
  return {std::move(kind), fetch_handler(merge)};
}

} // namespace penstock::connectors::apple_health
