#include "connectors/apple_health/metric_spans.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include <boost/json.hpp>

#include "connectors/apple_health/tables.hpp"

namespace penstock::connectors::apple_health {

namespace json = boost::json;

std::vector<metric_span> spans_of(const std::vector<synced_row>& rows) {
  std::map<std::string_view, metric_span> found;
  for (const auto& row : rows) {
    const auto* name = std::get_if<std::string>(&row.values[metric_name]);
    const auto* at = std::get_if<std::int64_t>(&row.values[metric_recorded_at]);
    if (!name || !at || !std::holds_alternative<std::string>(row.values[metric_source]))
      continue;
    const auto [span, is_new] = found.try_emplace(*name, metric_span{*name, *at, *at});
    span->second.from = std::min(span->second.from, *at);
    span->second.to = std::max(span->second.to, *at);
  }
  std::vector<metric_span> spans;
  for (auto& [name, span] : found)
    spans.push_back(std::move(span));
  return spans;
}

std::string to_text(const std::vector<metric_span>& spans) {
  json::array metrics;
  for (const auto& each : spans)
    metrics.push_back(json::object{{"name", each.name}, {"from", each.from}, {"to", each.to}});
  return json::serialize(json::object{{"metrics", std::move(metrics)}});
}

result<std::vector<metric_span>> parse_spans(std::string_view args) {
  const auto refused = [] {
    return failure(error_code::invalid_argument,
                   "apple_health.merge_sources: its args are made by apple_health.metric_data: retry that job instead");
  };
  boost::system::error_code broken;
  const auto parsed = json::parse({args.data(), args.size()}, broken);
  const auto* object = broken ? nullptr : parsed.if_object();
  const auto* metrics = object ? object->if_contains("metrics") : nullptr;
  if (!metrics || !metrics->is_array())
    return refused();
  std::vector<metric_span> spans;
  for (const auto& each : metrics->get_array()) {
    const auto* told = each.if_object();
    const auto* name = told ? told->if_contains("name") : nullptr;
    const auto* from = told ? told->if_contains("from") : nullptr;
    const auto* to = told ? told->if_contains("to") : nullptr;
    if (!name || !name->is_string() || !from || !from->is_int64() || !to || !to->is_int64())
      return refused();
    spans.push_back({std::string(name->get_string().c_str()), from->get_int64(), to->get_int64()});
  }
  return spans;
}

} // namespace penstock::connectors::apple_health
