#include <ostream>

#include <boost/json/parse.hpp>

#include "core/duration_text.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/job_show.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"

namespace penstock::node {
namespace {

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

} // namespace

std::vector<command> job_commands() {
  return {
    job_show_command(),
    {"jobs", "cancel", "Cancel a job; one that runs is asked to stop.", {job_id_parameter()}, cancel},
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
      job_follow_parameter()},
     enqueue},
  };
}

} // namespace penstock::node
