// Commands that do something with a schedule of a node.
#include <ostream>

#include <boost/json/serialize.hpp>

#include "net/query.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/schedule_commands.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr std::int64_t occurrences_shown = 20;

std::string schedule_path(const arguments& given) {
  return "/api/v1/schedules/" + net::percent_encode(given.text("NAME"));
}

std::string shown_list(const boost::json::value& of, std::string_view name) {
  std::string text;
  if (const auto* items = member_of(of, name).if_array())
    for (const auto& each : *items)
      if (const auto* one = each.if_string())
        text += (text.empty() ? "" : ", ") + std::string(one->data(), one->size());
  return text;
}

/// Makes the jobs of one firing now and follows each to its end.
outcome test(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", schedule_path(given) + "/trigger");
  if (!answer)
    return tl::unexpected(answer.error());
  if (shown(answer->json, "outcome") == "skipped")
    return give_up(exit_status::failed, "schedule '" + given.text("NAME") +
                                          "' skipped it: " + shown(answer->json, "note") +
                                          " (overlap policy; 'penstock schedule show' "
                                          "tells it)");
  command_failure failed;
  if (const auto* jobs = member_of(answer->json, "job_ids").if_array())
    for (const auto& each : *jobs) {
      const auto id = std::string(each.as_string());
      if (!with.json)
        with.out << "job " << id << '\n';
      if (auto done = follow_job(**node, id, with); !done) {
        if (done.error().status == exit_status::unreachable)
          return done;
        failed.lines.insert(failed.lines.end(), done.error().lines.begin(), done.error().lines.end());
      }
    }
  if (!failed.lines.empty())
    return tl::unexpected(std::move(failed));
  return {};
}

outcome set_enabled(const arguments& given, session& with, bool enabled) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("PATCH", schedule_path(given), boost::json::object{{"enabled", enabled}});
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else if (enabled)
    with.out << "schedule " << given.text("NAME") << " is enabled; next: " << shown_list(answer->json, "next_runs")
             << '\n';
  else
    with.out << "schedule " << given.text("NAME") << " is disabled; jobs that it made go on\n";
  return {};
}

outcome enable(const arguments& given, session& with) { return set_enabled(given, with, true); }
outcome disable(const arguments& given, session& with) { return set_enabled(given, with, false); }

outcome backfill(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const bool preview = given.has("--preview");
  const boost::json::object body{{"from", given.text("--from")}, {"to", given.text("--to")}, {"preview", preview}};
  const auto answer = (*node)->send("POST", schedule_path(given) + "/backfill", body);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  with.out << shown(answer->json, "count") << " occurrences " << (preview ? "would be made, " : "were made, ")
           << shown(answer->json, "already_fired") << " of " << shown(answer->json, "occurrences")
           << " had fired already\n";
  for (const auto& each : items_of(answer->json))
    with.out << shown_time(each, "at") << (preview ? "" : "  job ") << shown_list(each, "job_ids") << '\n';
  return {};
}

void print_occurrences(const boost::json::value& answer, std::ostream& out) {
  table occurrences({{"OCCURRENCE"}, {"OUTCOME"}, {"REASON"}, {"JOBS"}, {"DECIDED"}, {"NOTE"}});
  for (const auto& each : items_of(answer))
    occurrences.add({shown_time(each, "at"), shown(each, "outcome"), shown(each, "reason"), shown_list(each, "job_ids"),
                     shown_time(each, "decided_at"), shown(each, "note")});
  if (!occurrences.empty())
    occurrences.print(out);
}

outcome occurrences(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get(schedule_path(given) + "/occurrences",
                                   {{"limit", std::to_string(given.integer("--limit", occurrences_shown))}});
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    print_occurrences(answer->json, with.out);
  return {};
}

outcome show(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get(schedule_path(given));
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  const auto& one = answer->json;
  const auto every = shown(one, "every");
  const auto catch_up = shown(one, "catch_up_ms");
  print_fields(with.out,
               {{"name", shown(one, "name")},
                {"rule", every.empty() ? shown(one, "cron") : "every " + every},
                {"time zone", shown(one, "time_zone")},
                {"weekdays", shown_list(one, "weekdays")},
                {"kind", shown(one, "kind")},
                {"args", shown(one, "args")},
                {"enabled", shown(one, "enabled") == "true" ? "yes" : "no"},
                {"overlap", shown(one, "overlap")},
                {"catch-up", catch_up.empty() ? "its period, at most 7 days" : shown_duration(one, "catch_up_ms")},
                {"jitter", shown(one, "jitter_ms") == "0" ? "" : shown_duration(one, "jitter_ms")},
                {"stagger", shown(one, "stagger_ms") == "0" ? "" : shown_duration(one, "stagger_ms")},
                {"last", shown_time(one, "last_fired_at")},
                {"last outcome", shown(one, "last_outcome")},
                {"next", shown_list(one, "next_runs")}});
  const auto latest = (*node)->get(schedule_path(given) + "/occurrences", {{"limit", "5"}});
  if (!latest)
    return tl::unexpected(latest.error());
  if (!items_of(latest->json).empty()) {
    with.out << '\n';
    print_occurrences(latest->json, with.out);
  }
  return {};
}

parameter name_parameter() {
  return {.name = "NAME", .doc = "the schedule's name", .what = parameter_kind::place, .required = true};
}

} // namespace

std::vector<command> schedule_action_commands() {
  return {
    {"schedule",
     "show",
     "Show one schedule, its next five times and its latest occurrences.",
     {name_parameter()},
     show},
    {"schedule",
     "occurrences",
     "Show what became of a schedule's occurrences, the latest first.",
     {name_parameter(),
      {.name = "--limit",
       .doc = "how many (default: 20)",
       .what = parameter_kind::integer,
       .value_name = "N",
       .least = 1,
       .most = 200}},
     occurrences},
    {"schedule", "test", "Run a schedule's jobs now and show them.", {name_parameter()}, test},
    {"schedule", "enable", "Let a schedule fire, from now on.", {name_parameter()}, enable},
    {"schedule", "disable", "Let a schedule fire no more; jobs that it made go on.", {name_parameter()}, disable},
    {"schedule",
     "backfill",
     "Make the jobs of a past range, each occurrence once.",
     {name_parameter(),
      {.name = "--from", .doc = "the first moment", .required = true, .value_name = "RFC3339"},
      {.name = "--to", .doc = "the moment before which it ends", .required = true, .value_name = "RFC3339"},
      {.name = "--preview", .doc = "say how many, and make none", .what = parameter_kind::flag}},
     backfill},
  };
}

} // namespace penstock::node
