#include <ostream>

#include <boost/json/parse.hpp>

#include "core/duration_text.hpp"
#include "core/id_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

tl::expected<std::string, command_failure> job_path(const arguments& given) {
  const auto id = parse_id_value(given.text("ID"));
  if (!id)
    return give_up(exit_status::wrong_usage, id.error().message);
  return "/api/v1/executions/" + given.text("ID");
}

void print_attempts(const boost::json::value& job, std::ostream& out) {
  table errors({{"ATTEMPT", table::align::right}, {"AT"}, {"CODE"}, {"CLASS"}, {"NODE"}, {"ERROR"}});
  if (const auto* all = member_of(job, "errors").if_array())
    for (const auto& each : *all)
      errors.add({shown(each, "attempt"), shown_time(each, "at"), shown(each, "code"), shown(each, "class"),
                  shown(each, "node"), shown(each, "message")});
  if (errors.empty())
    return;
  out << '\n';
  errors.print(out);
}

void print_exchanges(const boost::json::value& list, std::ostream& out) {
  using align = table::align;
  table exchanges({{"ATTEMPT", align::right},
                   {"REQUEST", align::right},
                   {"TRY", align::right},
                   {"METHOD"},
                   {"URL"},
                   {"STATUS", align::right},
                   {"TOOK", align::right},
                   {"BYTES", align::right},
                   {"ERROR"}});
  for (const auto& each : items_of(list))
    exchanges.add({shown(each, "attempt"), shown(each, "request"), shown(each, "try"), shown(each, "method"),
                   shown(each, "url"), shown(each, "status"), shown_duration(each, "duration_ms"),
                   shown(each, "response_bytes"), shown(each, "error")});
  if (exchanges.empty())
    return;
  out << '\n';
  exchanges.print(out);
}

void print_log(const boost::json::value& list, std::ostream& out) {
  table lines({{"ATTEMPT", table::align::right}, {"AT"}, {"LEVEL"}, {"LOG"}});
  for (const auto& each : items_of(list))
    lines.add({shown(each, "attempt"), shown_time(each, "at"), shown(each, "level"), shown(each, "message")});
  if (lines.empty())
    return;
  out << '\n';
  lines.print(out);
}

void print_job(const boost::json::value& job, std::ostream& out) {
  const auto& children = member_of(job, "children");
  const bool has_children = shown(children, "open") != "0" || shown(children, "completed") != "0" ||
                            shown(children, "failed") != "0" || shown(children, "cancelled") != "0";
  const auto& progress = member_of(job, "progress");
  print_fields(out, {{"id", shown(job, "id")},
                     {"kind", shown(job, "kind")},
                     {"queue", shown(job, "queue")},
                     {"state", shown(job, "state")},
                     {"attempt", shown(job, "attempt") + " of " + shown(job, "max_attempts")},
                     {"priority", shown(job, "priority")},
                     {"created", shown_time(job, "created_at")},
                     {"runs at", shown_time(job, "run_at")},
                     {"started", shown_time(job, "started_at")},
                     {"finished", shown_time(job, "finished_at")},
                     {"triggered by", shown(job, "triggered_by")},
                     {"integration", shown(job, "integration_id")},
                     {"parent", shown(job, "parent_id")},
                     {"run", shown(job, "run_id")},
                     {"unique key", shown(job, "unique_key")},
                     {"group", shown(job, "group_key")},
                     {"args", shown(job, "args")},
                     {"progress", progress.is_object() ? progress_line(progress) : std::string{}},
                     {"children", has_children ? shown(children, "open") + " open, " + shown(children, "completed") +
                                                   " completed, " + shown(children, "failed") + " failed, " +
                                                   shown(children, "cancelled") + " cancelled"
                                               : std::string{}},
                     {"result", shown(job, "result")}});
}

outcome show(const arguments& given, session& with) {
  const auto path = job_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  if (given.has("--follow"))
    return follow_job(**node, given.text("ID"), with);
  const auto answer = (*node)->get(*path);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  const auto exchanges = (*node)->get(*path + "/exchanges");
  if (!exchanges)
    return tl::unexpected(exchanges.error());
  print_job(answer->json, with.out);
  const auto log = (*node)->get(*path + "/logs");
  if (!log)
    return tl::unexpected(log.error());
  print_attempts(answer->json, with.out);
  print_log(log->json, with.out);
  print_exchanges(exchanges->json, with.out);
  return {};
}

tl::expected<boost::json::object, command_failure> job_of(const arguments& given) {
  boost::json::object body{{"kind", given.text("KIND")}};
  if (given.has("--args")) {
    boost::system::error_code wrong;
    auto args = boost::json::parse(given.text("--args"), wrong);
    if (wrong || !args.is_object())
      return give_up(exit_status::wrong_usage, "--args takes a JSON object such as '{\"ms\": 100}'");
    body["args"] = std::move(args);
  }
  if (given.has("--queue"))
    body["queue"] = given.text("--queue");
  if (given.has("--unique"))
    body["unique_key"] = given.text("--unique");
  if (given.has("--unique-for")) {
    const auto period = parse_duration(given.text("--unique-for"));
    if (!period)
      return give_up(exit_status::wrong_usage, "--unique-for: " + period.error().message);
    body["unique_for_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*period).count();
  }
  if (given.has("--group"))
    body["group_key"] = given.text("--group");
  if (given.has("--organisation"))
    body["organisation_id"] = given.text("--organisation");
  if (given.has("--keep-bodies"))
    body["keep_bodies"] = true;
  if (given.has("--priority"))
    body["priority"] = given.integer("--priority", 0);
  if (given.has("--delay")) {
    const auto delay = parse_duration(given.text("--delay"));
    if (!delay)
      return give_up(exit_status::wrong_usage, "--delay: " + delay.error().message);
    body["delay_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*delay).count();
  }
  return body;
}

outcome enqueue(const arguments& given, session& with) {
  const auto body = job_of(given);
  if (!body)
    return tl::unexpected(body.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", "/api/v1/executions", *body);
  if (!answer)
    return tl::unexpected(answer.error());
  const auto id = shown(answer->json, "id");
  if (with.json && !given.has("--follow"))
    print_body(with, answer->body);
  else if (!with.json)
    with.out << id << std::endl; // alone, for scripts
  if (!with.json && shown(answer->json, "deduplicated") == "true")
    with.err << "that job holds the unique key already; nothing was enqueued\n";
  return given.has("--follow") ? follow_job(**node, id, with) : outcome{};
}

outcome cancel(const arguments& given, session& with) {
  const auto path = job_path(given);
  if (!path)
    return tl::unexpected(path.error());
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", *path + "/cancel");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "job " << given.text("ID")
             << (shown(answer->json, "cancelling") == "true" ? " was asked to stop\n" : " is cancelled\n");
  return {};
}

parameter id_parameter() {
  return {.name = "ID", .doc = "the job's id", .what = parameter_kind::place, .required = true};
}
parameter follow_parameter() {
  return {.name = "--follow", .doc = "wait for the end, with progress", .what = parameter_kind::flag};
}

} // namespace

std::vector<command> job_commands() {
  return {
    {"jobs",
     "show",
     "Show a job, its errors, its log and its HTTP exchanges.",
     {id_parameter(), follow_parameter()},
     show},
    {"jobs", "cancel", "Cancel a job; one that runs is asked to stop.", {id_parameter()}, cancel},
    {"jobs",
     "enqueue",
     "Enqueue a job.",
     {{.name = "KIND", .doc = "such as probe.noop", .what = parameter_kind::place, .required = true},
      {.name = "--args", .doc = "its arguments, a JSON object", .value_name = "JSON"},
      {.name = "--queue", .doc = "another queue than the kind's", .value_name = "NAME"},
      {.name = "--delay", .doc = "run it later: 30s, 5m", .value_name = "DURATION"},
      {.name = "--priority",
       .doc = "0 first ... 9 last (default: 5)",
       .what = parameter_kind::integer,
       .value_name = "N",
       .least = 0,
       .most = 9},
      {.name = "--unique", .doc = "not while another open job of the kind has this key", .value_name = "KEY"},
      {.name = "--unique-for", .doc = "hold that key at least so long: 10m", .value_name = "DURATION"},
      {.name = "--group", .doc = "organisation/credential/stream", .value_name = "PATH"},
      {.name = "--organisation", .doc = "the organisation that it works for", .value_name = "ID"},
      {.name = "--keep-bodies", .doc = "keep the bodies of its HTTP exchanges", .what = parameter_kind::flag},
      follow_parameter()},
     enqueue},
  };
}

} // namespace penstock::node
