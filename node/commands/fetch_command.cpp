// Syncs that start now.
#include <algorithm>
#include <optional>
#include <ostream>

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

struct target {
  std::string id;
  std::string name{}; ///< empty for one that was given by its id

  [[nodiscard]] std::string shown() const {
    return "integration " + id + (name.empty() ? std::string{} : " (" + name + ")");
  }
};

/// Nothing is fetched for these, unless somebody asks for one by its id and is told why.
bool rests(const boost::json::value& integration) {
  const auto status = shown(integration, "status");
  return status == "paused" || status == "requires_reauth" || status == "disconnected";
}

/// Everything of it is sent by its provider.
bool is_only_sent(const boost::json::value& integration) { return shown(integration, "is_fetched") == "false"; }

/// Why none of all is to be fetched, and what would change that.
std::string nothing_to_fetch(const boost::json::array& all) {
  std::int64_t sent = 0, awaiting = 0, paused = 0;
  for (const auto& each : all) {
    const auto status = shown(each, "status");
    if (status == "disconnected")
      continue;
    if (is_only_sent(each))
      ++sent;
    else if (status == "requires_reauth" || shown(each, "awaits_consent") == "true")
      ++awaiting;
    else if (status == "paused")
      ++paused;
  }
  std::string why;
  const auto tell = [&why](std::int64_t count, const char* what) {
    if (count > 0)
      why += (why.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  tell(sent, "whose provider sends by webhooks");
  tell(awaiting, "without a consent or a token that is good");
  tell(paused, "paused");
  return "there is no integration to fetch" + (why.empty() ? std::string{} : ": " + why) +
         (all.empty() ? " (penstock integrations add SERVICE makes one)" : " (penstock integrations list shows all)");
}

/// Whether the node would refuse for that reason alone. One without a frequency is never too early.
bool waits_for_its_time(const boost::json::value& integration, timestamp now) {
  const auto due = parse_rfc3339(shown(integration, "next_due_at"));
  return due && *due > now && !shown(integration, "update_frequency_minutes").empty();
}

/// The one that was named, or all that are to be fetched now.
tl::expected<std::vector<target>, command_failure> targets_of(api_client& node, const arguments& given, session& with) {
  if (given.has("ID")) {
    if (const auto path = integration_path(given); !path)
      return tl::unexpected(path.error());
    return std::vector<target>{{given.text("ID")}};
  }
  net::query_parameters query;
  if (given.has("--service"))
    query.emplace_back("service", given.text("--service"));
  const auto all = node.get_all("/api/v1/integrations", query);
  if (!all)
    return tl::unexpected(all.error());
  std::vector<target> targets;
  bool any = false;
  for (const auto& each : items_of(all->json)) {
    if (is_only_sent(each) && given.has("--service"))
      return give_up(exit_status::failed, "nothing is fetched of service '" + shown(each, "service") +
                                            "': what it has is sent here by webhooks; penstock integrations show " +
                                            shown(each, "id") + " tells when the last delivery was stored");
    if (rests(each) || is_only_sent(each))
      continue;
    any = true;
    target one{shown(each, "id"), shown(each, "name")};
    if (given.has("--force") || given.has("--dry-run") || !waits_for_its_time(each, with.clock.now()))
      targets.push_back(std::move(one));
    else if (!with.json)
      with.out << one.shown() << ": not due before " << shown_time(each, "next_due_at") << " (--force ignores that)\n";
  }
  if (!any)
    return give_up(exit_status::failed, nothing_to_fetch(items_of(all->json)));
  return targets;
}

/// A sync's root job completes although a stream of it failed: the run tells. Nothing when it read all there is.
std::optional<std::string> what_was_missed(api_client& node, const target& of, const std::vector<std::string>& roots) {
  const auto answer = node.send("GET", "/api/v1/integrations/" + of.id + "/runs?limit=5");
  const auto* runs = answer ? member_of(answer->json, "items").if_array() : nullptr;
  if (runs == nullptr)
    return std::nullopt;
  for (const auto& run : *runs)
    if (std::find(roots.begin(), roots.end(), shown(run, "job_id")) != roots.end() &&
        shown(run, "state") == "completed_with_failures")
      return of.shown() + " was not read whole: " + shown(run, "error");
  return std::nullopt;
}

/// Adds what one of several could not do. False: nobody is left to ask for the others.
bool note_refusal(command_failure& all, const target& of, bool several, command_failure why) {
  if (why.status != exit_status::failed) {
    all = std::move(why);
    return false;
  }
  for (auto& line : why.lines)
    all.lines.push_back(several ? of.shown() + ": " + line : std::move(line));
  return true;
}

/// `items`: what each answered, with --json.
void print_items(const arguments& given, session& with, boost::json::array items) {
  if (!with.json)
    return;
  if (!given.has("ID"))
    print_body(with,
               boost::json::serialize(boost::json::object{{"items", std::move(items)}, {"next_cursor", nullptr}}));
  else if (!items.empty())
    print_body(with, boost::json::serialize(items.front()));
}

outcome try_out(api_client& node, const std::vector<target>& targets, const arguments& given, session& with) {
  command_failure failed;
  std::string bodies;
  for (const auto& each : targets) {
    if (!given.has("ID") && !with.json)
      with.out << each.shown() << ":\n";
    auto told = dry_run(node, each.id, given.has("--force"), with);
    if (told)
      bodies += (bodies.empty() ? "" : ",") + *told;
    else if (!note_refusal(failed, each, !given.has("ID"), std::move(told.error())))
      return tl::unexpected(std::move(failed));
  }
  if (with.json && !given.has("ID"))
    print_body(with, "{\"items\":[" + bodies + "],\"next_cursor\":null}");
  else if (with.json && !bodies.empty())
    print_body(with, bodies);
  if (!failed.lines.empty())
    return tl::unexpected(std::move(failed));
  return {};
}

outcome fetch(const arguments& given, session& with) {
  auto connected = api_client::connect(with);
  if (!connected)
    return tl::unexpected(std::move(connected.error()));
  auto& node = **connected;
  const auto targets = targets_of(node, given, with);
  if (!targets)
    return tl::unexpected(targets.error());
  if (given.has("--dry-run"))
    return try_out(node, *targets, given, with);
  const boost::json::object body{{"force", given.has("--force")}};
  boost::json::array started;
  std::vector<std::string> jobs;
  command_failure refused;
  for (const auto& each : *targets) {
    auto answer = node.send("POST", "/api/v1/integrations/" + each.id + "/fetch", body);
    if (!answer) {
      if (!note_refusal(refused, each, true, std::move(answer.error())))
        return tl::unexpected(std::move(refused));
      continue;
    }
    jobs.push_back(shown(answer->json, "job_id"));
    if (with.json)
      started.push_back(answer->json);
    else
      with.out << each.shown() << ": job " << jobs.back()
               << (shown(answer->json, "deduplicated") == "true" ? " (was under way)" : "") << '\n';
  }
  print_items(given, with, std::move(started));
  if (given.has("--follow")) {
    for (const auto& job : jobs)
      if (auto done = follow_job(node, job, with); !done) {
        if (done.error().status == exit_status::unreachable)
          return done; // nobody is left to ask for the others
        refused.lines.insert(refused.lines.end(), done.error().lines.begin(), done.error().lines.end());
      }
    for (const auto& each : *targets)
      if (auto missed = what_was_missed(node, each, jobs))
        refused.lines.push_back(std::move(*missed));
  }
  if (!refused.lines.empty())
    return tl::unexpected(std::move(refused));
  return {};
}

} // namespace

std::vector<command> fetch_commands() {
  return {
    {"integrations",
     "fetch",
     "Start a sync now: of one integration, or of all that are due.",
     {{.name = "ID", .doc = "the integration's id", .what = parameter_kind::place},
      {.name = "--service", .doc = "all of one service", .value_name = "NAME"},
      {.name = "--force", .doc = "whatever its frequency and its failures say", .what = parameter_kind::flag},
      {.name = "--dry-run", .doc = "store nothing; wait, and show what would change", .what = parameter_kind::flag},
      {.name = "--follow", .doc = "wait for the end, with progress", .what = parameter_kind::flag}},
     fetch},
  };
}

} // namespace penstock::node
