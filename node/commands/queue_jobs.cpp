#include "node/commands/queue_jobs.hpp"

#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

constexpr std::int64_t jobs_shown = 50;

} // namespace

parameter queue_parameter() { return {.name = "--queue", .doc = "of one queue", .value_name = "NAME"}; }

parameter limit_parameter() {
  return {.name = "--limit",
          .doc = "how many (default: 50)",
          .what = parameter_kind::integer,
          .value_name = "N",
          .least = 1,
          .most = 200};
}

api_client::reply jobs_in_state(api_client& node, const arguments& given, const std::string& state) {
  net::query_parameters query{{"state", state}, {"limit", std::to_string(given.integer("--limit", jobs_shown))}};
  if (given.has("--queue"))
    query.emplace_back("queue", given.text("--queue"));
  return node.get("/api/v1/executions", query);
}

integration_names integrations_of(api_client& node, const boost::json::value& jobs) {
  integration_names names;
  for (const auto& each : items_of(jobs)) {
    const auto id = shown(each, "integration_id");
    if (id.empty() || !names.try_emplace(id).second)
      continue;
    if (const auto about = node.get("/api/v1/integrations/" + id))
      names[id] = shown(about->json, "service") + " " + shown(about->json, "name");
  }
  std::erase_if(names, [](const auto& each) { return each.second.empty(); });
  return names;
}

std::string shown_integration(const integration_names& names, const boost::json::value& job) {
  const auto id = shown(job, "integration_id");
  const auto found = names.find(id);
  return found == names.end() ? id : found->second + " (" + id + ")";
}

tl::expected<std::vector<std::string>, command_failure> queues_with_failures(api_client& node, const arguments& given) {
  if (given.has("--queue"))
    return std::vector{given.text("--queue")};
  const auto all = node.get_all("/api/v1/queues");
  if (!all)
    return tl::unexpected(all.error());
  std::vector<std::string> names;
  for (const auto& each : items_of(all->json))
    if (shown_in(each, "counts", "failed") != "0")
      names.push_back(shown(each, "name"));
  return names;
}

} // namespace penstock::node
