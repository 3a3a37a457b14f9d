#include <ostream>

#include "core/id_text.hpp"
#include "net/query.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/queue_jobs.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

std::string queue_path(const arguments& given) { return "/api/v1/queues/" + net::percent_encode(given.text("NAME")); }

void print_queues(const std::vector<const boost::json::value*>& queues, std::ostream& out) {
  using align = table::align;
  table shown_table({{"QUEUE"},
                     {"WAITING", align::right},
                     {"ACTIVE", align::right},
                     {"DELAYED", align::right},
                     {"FAILED", align::right},
                     {"COMPLETED", align::right},
                     {"AT ONCE", align::right},
                     {"OLDEST", align::right},
                     {"PER MINUTE", align::right},
                     {"STATE"}});
  for (const auto* each : queues)
    shown_table.add({shown(*each, "name"), shown_in(*each, "counts", "waiting"), shown_in(*each, "counts", "active"),
                     shown_in(*each, "counts", "delayed"), shown_in(*each, "counts", "failed"),
                     shown_in(*each, "counts", "completed"), shown(*each, "concurrency"),
                     shown_duration(*each, "oldest_waiting_ms"), shown(*each, "throughput_per_minute"),
                     shown(*each, "paused") == "true" ? "paused" : "running"});
  shown_table.print(out);
  for (const auto* each : queues)
    if (const auto* warnings = member_of(*each, "warnings").if_array())
      for (const auto& warning : *warnings)
        out << "warning: " << shown(*each, "name") << ": " << shown(warning, "message") << '\n';
}

outcome status(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const bool one = given.has("NAME");
  const auto answer = one ? (*node)->get(queue_path(given)) : (*node)->get_all("/api/v1/queues");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  std::vector<const boost::json::value*> queues;
  if (one)
    queues.push_back(&answer->json);
  else
    for (const auto& each : items_of(answer->json))
      queues.push_back(&each);
  print_queues(queues, with.out);
  return {};
}

outcome failed(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = jobs_in_state(**node, given, "failed");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  table shown_table({{"JOB"},
                     {"KIND"},
                     {"INTEGRATION"},
                     {"QUEUE"},
                     {"FAILED"},
                     {"ATTEMPTS", table::align::right},
                     {"CLASS"},
                     {"ERROR"}});
  const auto names = integrations_of(**node, answer->json);
  for (const auto& each : items_of(answer->json)) {
    const auto* errors = member_of(each, "errors").if_array();
    const auto last = errors && !errors->empty() ? errors->back() : boost::json::value(nullptr);
    shown_table.add({shown(each, "id"), shown(each, "kind"), shown_integration(names, each), shown(each, "queue"),
                     shown_time(each, "finished_at"), shown(each, "attempt"), shown(last, "code"),
                     shown(last, "message")});
  }
  shown_table.print(with.out);
  return {};
}

outcome retry_one(api_client& node, const std::string& id, session& with) {
  if (const auto known = parse_id_value(id); !known)
    return give_up(exit_status::wrong_usage, known.error().message + ", or 'all'");
  const auto answer = node.send("POST", "/api/v1/executions/" + id + "/retry");
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else if (shown(answer->json, "deduplicated") == "true")
    with.out << "job " << shown(answer->json, "id") << " took its place already\n";
  else
    with.out << "job " << id << " waits again\n";
  return {};
}

/// Queue by queue: the interface retries those of one queue.
outcome retry_all(api_client& node, const arguments& given, session& with) {
  const auto queues = queues_with_failures(node, given);
  if (!queues)
    return tl::unexpected(queues.error());
  std::int64_t retried = 0, refused = 0;
  std::string refusal;
  bool more = false;
  for (const auto& name : *queues) {
    const auto answer = node.send("POST", "/api/v1/queues/" + net::percent_encode(name) + "/retry-failed");
    if (!answer)
      return tl::unexpected(answer.error());
    retried += member_of(answer->json, "retried").to_number<std::int64_t>();
    refused += member_of(answer->json, "refused").to_number<std::int64_t>();
    if (refusal.empty())
      refusal = shown(answer->json, "refusal");
    more = more || shown(answer->json, "more") == "true";
  }
  if (with.json)
    with.out << boost::json::object{{"retried", retried},
                                    {"refused", refused},
                                    {"refusal",
                                     refusal.empty() ? boost::json::value(nullptr) : boost::json::value(refusal)},
                                    {"more", more}}
             << '\n';
  else
    with.out << retried << " failed jobs wait again"
             << (refused > 0 ? ", " + std::to_string(refused) + " did not: " + refusal : "")
             << (more ? "; there are more: run it again" : "") << '\n';
  return {};
}

outcome retry(const arguments& given, session& with) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto which = given.text("ID|all");
  return which == "all" ? retry_all(**node, given, with) : retry_one(**node, which, with);
}

outcome set_paused(const arguments& given, session& with, const std::string& verb, const std::string& told) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", queue_path(given) + "/" + verb);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json)
    print_body(with, answer->body);
  else
    with.out << "queue " << given.text("NAME") << " " << told << '\n';
  return {};
}

outcome pause(const arguments& given, session& with) {
  return set_paused(given, with, "pause", "is paused; what runs is finished");
}
outcome resume(const arguments& given, session& with) { return set_paused(given, with, "resume", "goes on"); }

parameter name_parameter(bool required) {
  return {.name = "NAME", .doc = "the queue's name", .what = parameter_kind::place, .required = required};
}

} // namespace

std::vector<command> queue_commands() {
  return {
    {"queue", "status", "Show the queues and their counts.", {name_parameter(false)}, status},
    {"queue", "failed", "Show failed jobs, the newest first.", {queue_parameter(), limit_parameter()}, failed},
    {"queue",
     "retry",
     "Let a failed job, or all of them, run again with fresh attempts.",
     {{.name = "ID|all", .doc = "the job's id, or all", .what = parameter_kind::place, .required = true},
      queue_parameter()},
     retry},
    {"queue", "pause", "Hold the waiting jobs of a queue.", {name_parameter(true)}, pause},
    {"queue", "resume", "Let a paused queue go on.", {name_parameter(true)}, resume},
  };
}

} // namespace penstock::node
