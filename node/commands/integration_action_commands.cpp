// Commands that make integrations do something.
#include <algorithm>
#include <optional>
#include <ostream>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/rfc3339.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/dry_run.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

/// Nothing is fetched for these, unless somebody asks for one by its id and is told why.
bool rests(const boost::json::value& integration) {
  const auto status = shown(integration, "status");
  return status == "paused" || status == "requires_reauth" || status == "disconnected";
}

tl::expected<std::vector<std::string>, command_failure> ids_to_fetch(api_client& node, const arguments& given) {
  if (given.has("ID")) {
    if (const auto path = integration_path(given); !path)
      return tl::unexpected(path.error());
    return std::vector{given.text("ID")};
  }
  net::query_parameters query;
  if (given.has("--service"))
    query.emplace_back("service", given.text("--service"));
  const auto all = node.get_all("/api/v1/integrations", query);
  if (!all)
    return tl::unexpected(all.error());
  std::vector<std::string> ids;
  for (const auto& each : items_of(all->json))
    if (!rests(each))
      ids.push_back(shown(each, "id"));
  if (ids.empty())
    return give_up(exit_status::failed,
                   "there is no integration to fetch: 'penstock integrations list' shows all, those "
                   "that are paused or need consent included");
  return ids;
}

/// A sync's root job completes although a stream of it failed: the run tells. Nothing when it read all there is.
std::optional<std::string> what_was_missed(api_client& node, const std::string& id,
                                           const std::vector<std::string>& roots) {
  const auto answer = node.send("GET", "/api/v1/integrations/" + id + "/runs?limit=5");
  const auto* runs = answer ? member_of(answer->json, "items").if_array() : nullptr;
  if (runs == nullptr)
    return std::nullopt;
  for (const auto& run : *runs)
    if (std::find(roots.begin(), roots.end(), shown(run, "job_id")) != roots.end() &&
        shown(run, "state") == "completed_with_failures")
      return "integration " + id + " was not read whole: " + shown(run, "error");
  return std::nullopt;
}

outcome fetch(const arguments& given, session& with) {
  if (given.has("--dry-run"))
    return dry_run(given, with);
  auto connected = api_client::connect(with);
  if (!connected)
    return tl::unexpected(std::move(connected.error()));
  auto& node = **connected;
  const auto ids = ids_to_fetch(node, given);
  if (!ids)
    return tl::unexpected(ids.error());
  const boost::json::object body{{"force", given.has("--force")}};
  boost::json::array started;
  std::vector<std::string> jobs;
  command_failure refused;
  for (const auto& id : *ids) {
    const auto answer = node.send("POST", "/api/v1/integrations/" + id + "/fetch", body);
    if (!answer && answer.error().status != exit_status::failed)
      return tl::unexpected(answer.error());
    if (!answer) {
      for (const auto& line : answer.error().lines)
        refused.lines.push_back("integration " + id + ": " + line);
      continue;
    }
    jobs.push_back(shown(answer->json, "job_id"));
    if (with.json)
      started.push_back(answer->json);
    else
      with.out << "integration " << id << ": job " << jobs.back()
               << (shown(answer->json, "deduplicated") == "true" ? " (was under way)" : "") << '\n';
  }
  if (with.json && given.has("ID") && !started.empty())
    print_body(with, boost::json::serialize(started.front()));
  else if (with.json)
    print_body(with,
               boost::json::serialize(boost::json::object{{"items", std::move(started)}, {"next_cursor", nullptr}}));
  if (given.has("--follow"))
    for (const auto& job : jobs)
      if (auto done = follow_job(node, job, with); !done) {
        if (done.error().status == exit_status::unreachable)
          return done; // nobody is left to ask for the others
        refused.lines.insert(refused.lines.end(), done.error().lines.begin(), done.error().lines.end());
      }
  if (given.has("--follow"))
    for (const auto& id : *ids)
      if (auto missed = what_was_missed(node, id, jobs))
        refused.lines.push_back(std::move(*missed));
  if (!refused.lines.empty())
    return tl::unexpected(std::move(refused));
  return {};
}

/// A POST that answers with the integration as it stands then.
outcome act(const arguments& given, session& with, const std::string& verb, const boost::json::value& body,
            const std::string& told) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", *path + "/" + verb, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "integration " << given.text("ID") << " " << told << " (" << shown(answer->json, "status") << ")\n";
  return {};
}

outcome pause(const arguments& given, session& with) { return act(given, with, "pause", nullptr, "is paused"); }
outcome resume(const arguments& given, session& with) { return act(given, with, "resume", nullptr, "goes on"); }

outcome reset(const arguments& given, session& with) {
  boost::json::object body;
  if (given.has("--from")) {
    const auto from = parse_rfc3339(given.text("--from"));
    if (!from)
      return give_up(exit_status::wrong_usage, "--from: " + from.error().message);
    body["from"] = format_rfc3339(*from);
  }
  if (given.has("--stream"))
    body["stream"] = given.text("--stream");
  if (given.has("--cursor")) {
    boost::system::error_code wrong;
    body["cursor"] = boost::json::parse(given.text("--cursor"), wrong);
    if (wrong)
      return give_up(exit_status::wrong_usage, "--cursor takes JSON such as 'integrations show' prints");
  }
  return act(given, with, "reset", body, "starts its next sync from there");
}

} // namespace

std::vector<command> integration_action_commands() {
  return {
    {"integrations",
     "fetch",
     "Start a sync now: of one integration, or of all that are not paused.",
     {{.name = "ID", .doc = "the integration's id", .what = parameter_kind::place},
      {.name = "--service", .doc = "all of one service", .value_name = "NAME"},
      {.name = "--force", .doc = "whatever its frequency and its failures say", .what = parameter_kind::flag},
      {.name = "--dry-run",
       .doc = "store nothing; wait, and show what would change (needs ID)",
       .what = parameter_kind::flag},
      {.name = "--follow", .doc = "wait for the end, with progress", .what = parameter_kind::flag}},
     fetch},
    {"integrations", "pause", "Start no more syncs of an integration.", {integration_id_parameter()}, pause},
    {"integrations", "resume", "Let a paused integration go on.", {integration_id_parameter()}, resume},
    {"integrations",
     "reset",
     "Read again: from the beginning, from a moment or from a given cursor.",
     {integration_id_parameter(),
      {.name = "--stream", .doc = "one stream (default: all)", .value_name = "NAME"},
      {.name = "--cursor", .doc = "where that stream goes on, as 'integrations show' prints it", .value_name = "JSON"},
      {.name = "--from", .doc = "everything since this moment", .value_name = "RFC3339"}},
     reset},
  };
}

std::vector<command> integration_commands() {
  std::vector<command> all;
  for (const auto& part :
       {integration_list_commands(), integration_action_commands(), authorize_commands(), webhook_commands()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace penstock::node
