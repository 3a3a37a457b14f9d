// When an integration is synced by itself: every so many minutes, or at times of day.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <ostream>
#include <set>

#include "net/query.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/integration_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

constexpr const char* kind = "integrations.fetch";
constexpr const char* schedules_path = "/api/v1/schedules";
constexpr int forbidden = 403;

/// Hours by minute: a cron expression for each minute.
using times_of_day = std::map<int, std::set<int>>;

std::optional<int> number(std::string_view text, int below) {
  int value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = wrong == std::errc{} && end == text.data() + text.size() && text.size() <= 2;
  return whole && value >= 0 && value < below ? std::optional(value) : std::nullopt;
}

/// "04:10,16:10"
tl::expected<times_of_day, command_failure> times_in(std::string_view text) {
  times_of_day times;
  for (std::string_view rest = text; !rest.empty();) {
    const auto comma = rest.find(',');
    const auto one = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    const auto colon = one.find(':');
    const auto hour = colon == std::string_view::npos ? std::nullopt : number(one.substr(0, colon), 24);
    const auto minute = hour ? number(one.substr(colon + 1), 60) : std::nullopt;
    if (!minute)
      return give_up(exit_status::wrong_usage,
                     "--at takes times of day such as 04:10,16:10, not '" + std::string(one) + "'");
    times[*minute].insert(*hour);
  }
  if (times.empty())
    return give_up(exit_status::wrong_usage, "--at takes times of day such as 04:10,16:10");
  return times;
}

std::string name_of(const std::string& id, std::string_view minute) {
  return "integration-" + id + "-minute-" + std::string(minute);
}

/// Whether an earlier call made it, and nobody made more of it since: it does nothing but fetch that integration.
bool is_of(const boost::json::value& schedule, const std::string& id) {
  const auto& value = schedule.as_object();
  const auto* more = value.if_contains("more_jobs");
  const auto* declared = value.if_contains("declared");
  return shown(schedule, "name").starts_with(name_of(id, "")) && shown(schedule, "kind") == kind &&
         shown_in(schedule, "args", "integration_id") == id &&
         (!more || !more->is_array() || more->as_array().empty()) &&
         (!declared || *declared != boost::json::value(true));
}

std::string path_of(const std::string& name) { return std::string(schedules_path) + "/" + net::percent_encode(name); }

/// The names of those that an earlier call made.
tl::expected<std::set<std::string>, command_failure> former(api_client& node, const std::string& id) {
  std::set<std::string> names;
  const auto all = node.get_all(schedules_path);
  if (!all)
    return tl::unexpected(all.error());
  for (const auto& each : items_of(all->json))
    if (each.is_object() && is_of(each, id))
      names.insert(shown(each, "name"));
  return names;
}

boost::json::object schedule_of(const std::string& id, int minute, const std::set<int>& hours,
                                const std::string& zone) {
  std::string cron = std::to_string(minute) + " ";
  for (const auto hour : hours)
    cron += (cron.ends_with(' ') ? "" : ",") + std::to_string(hour);
  return {{"name", name_of(id, std::to_string(minute))},
          {"cron", cron + " * * *"},
          {"time_zone", zone},
          {"kind", kind},
          {"args", boost::json::object{{"integration_id", id}}}};
}

/// What takes the place of the former comes first and what is left over of them goes last: broken off in between, the
/// integration is synced too often rather than never.
api_client::reply set_times(api_client& node, const std::string& path, const std::string& id, const times_of_day& times,
                            const std::string& zone, const boost::json::object& frequency) {
  auto stale = former(node, id);
  if (!stale && (!times.empty() || stale.error().http_status != forbidden))
    return tl::unexpected(stale.error());
  // Schedules are not for callers who are bound to an organisation: they have made none.
  auto left_over = stale ? std::move(*stale) : std::set<std::string>{};
  for (const auto& [minute, hours] : times) {
    auto made = schedule_of(id, minute, hours, zone);
    const auto name = name_of(id, std::to_string(minute));
    const bool known = left_over.erase(name) > 0;
    if (known) {
      made.erase("name");
      made["enabled"] = true;
    }
    if (const auto stored = known ? node.send("PATCH", path_of(name), made) : node.send("POST", schedules_path, made);
        !stored)
      return tl::unexpected(stored.error());
  }
  auto answer = node.send("PATCH", path, frequency);
  if (!answer)
    return answer;
  for (const auto& name : left_over)
    if (const auto gone = node.send("DELETE", path_of(name)); !gone)
      return tl::unexpected(gone.error());
  return answer;
}

outcome schedule(const arguments& given, session& with) {
  const auto path = integration_path(given);
  if (!path)
    return tl::unexpected(path.error());
  if (given.has("--at") == given.has("--every"))
    return give_up(exit_status::wrong_usage, "give --at with times of day, or --every with minutes");
  if (given.has("--tz") && !given.has("--at"))
    return give_up(exit_status::wrong_usage, "--tz goes with --at");
  times_of_day times;
  if (given.has("--at")) {
    auto read = times_in(given.text("--at"));
    if (!read)
      return tl::unexpected(std::move(read.error()));
    times = std::move(*read);
  }
  const auto id = given.text("ID");
  const auto zone = given.has("--tz") ? given.text("--tz") : std::string("UTC");
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  boost::json::object body{{"update_frequency_minutes", nullptr}};
  if (given.has("--every"))
    body["update_frequency_minutes"] = given.integer("--every", 0);
  // First what may be refused: an integration that is not there, or a time zone.
  const auto known = (*node)->get(*path);
  if (!known)
    return tl::unexpected(known.error());
  if (shown(known->json, "is_fetched") == "false" && (!times.empty() || given.integer("--every", 0) != 0))
    return give_up(exit_status::failed, "nothing is fetched of service '" + shown(known->json, "service") +
                                          "', so that there is nothing to schedule: what it has is sent here by "
                                          "webhooks (penstock integrations show " +
                                          id + ")");
  if (!times.empty())
    if (const auto fine = (*node)->get(std::string(schedules_path) + "/preview", {{"cron", "0 0 * * *"}, {"tz", zone}});
        !fine)
      return tl::unexpected(fine.error());
  const auto answer = set_times(**node, *path, id, times, zone, body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else if (times.empty())
    with.out << "integration " << id << " is synced "
             << (given.integer("--every", 0) == 0 ? "when somebody asks for it"
                                                  : "every " + given.text("--every") + " minutes")
             << '\n';
  else
    with.out << "integration " << id << " is synced at " << given.text("--at") << " (" << zone
             << "); 'penstock schedule list' shows when next\n";
  return {};
}

} // namespace

std::vector<command> integration_schedule_commands() {
  return {
    {"integrations",
     "schedule",
     "Set when an integration is synced by itself: every N minutes, or at times of day.",
     {integration_id_parameter(),
      {.name = "--every",
       .doc = "minutes between syncs; 0: none by itself",
       .what = parameter_kind::integer,
       .value_name = "MINUTES",
       .least = 0,
       .most = 366LL * 24 * 60},
      {.name = "--at", .doc = "times of day, such as 04:10,16:10", .value_name = "TIMES"},
      {.name = "--tz", .doc = "their time zone, such as Europe/London (default: UTC)", .value_name = "TZ"}},
     schedule},
  };
}

} // namespace penstock::node
