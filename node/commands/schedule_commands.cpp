#include "node/commands/schedule_commands.hpp"

#include <ostream>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/rfc3339.hpp"
#include "core/schedule_rule.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

constexpr std::int64_t times_shown = 5;
constexpr std::int64_t most_times = 20'000;

outcome list(const arguments&, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->get_all("/api/v1/schedules");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  table shown_table({{"NAME"}, {"RULE"}, {"TIME ZONE"}, {"KIND"}, {"ENABLED"}, {"LAST"}, {"OUTCOME"}, {"NEXT"}});
  for (const auto& each : items_of(answer->json)) {
    const auto every = shown(each, "every");
    const auto* next = member_of(each, "next_runs").if_array();
    shown_table.add({shown(each, "name"), every.empty() ? shown(each, "cron") : "every " + every,
                     shown(each, "time_zone"), shown(each, "kind"), shown(each, "enabled") == "true" ? "yes" : "no",
                     shown_time(each, "last_fired_at"), shown(each, "last_outcome"),
                     next && !next->empty() ? shown_time(boost::json::object{{"at", next->front()}}, "at") : ""});
  }
  shown_table.print(with.out);
  return {};
}

/// Asks nobody: the rules are the engine's own.
outcome next(const arguments& given, session& with) {
  const auto rule = schedule_rule::parse(given.text("EXPR"), given.text("--tz"));
  if (!rule)
    return give_up(exit_status::wrong_usage, rule.error().message);
  auto from = with.clock.now();
  if (given.has("--from")) {
    const auto parsed = parse_rfc3339(given.text("--from"));
    if (!parsed)
      return give_up(exit_status::wrong_usage, "--from: " + parsed.error().message);
    from = *parsed;
  }
  const auto count = static_cast<std::size_t>(given.integer("--count", times_shown));
  const auto times = rule->occurrences(from, timestamp::max(), count);
  if (times.empty())
    return give_up(exit_status::failed, "'" + rule->text() + "' never fires after " + format_rfc3339(from));
  boost::json::array items;
  for (const auto moment : times) {
    const auto local = format_rfc3339(moment, rule->zone().offset_at(moment));
    if (with.json)
      items.push_back(boost::json::object{{"at", format_rfc3339(moment)}, {"local", local}});
    else
      with.out << local << '\n';
  }
  if (with.json)
    with.out << boost::json::object{{"rule", rule->text()},
                                    {"time_zone", rule->zone().name()},
                                    {"items", std::move(items)},
                                    {"next_cursor", nullptr}}
             << '\n';
  return {};
}

} // namespace

std::vector<command> schedule_commands() {
  std::vector<command> all{
    {"schedule", "list", "Show the schedules and when they fire next.", {}, list},
    {"schedule",
     "next",
     "Show when a cron expression or 'every N s|m|h' fires. Needs no node.",
     {{.name = "EXPR", .doc = "'30 2 * * *' or 'every 5 m'", .what = parameter_kind::place, .required = true},
      {.name = "--tz", .doc = "time zone such as Europe/Berlin (default: UTC)", .value_name = "TZ"},
      {.name = "--from", .doc = "times after this moment (default: now)", .value_name = "RFC3339"},
      {.name = "--count",
       .doc = "how many (default: 5)",
       .what = parameter_kind::integer,
       .value_name = "N",
       .least = 1,
       .most = most_times}},
     next},
  };
  for (auto& each : schedule_action_commands())
    all.push_back(std::move(each));
  return all;
}

} // namespace penstock::node
