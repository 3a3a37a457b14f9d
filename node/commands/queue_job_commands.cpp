// The jobs of queues: who waits, who runs; removing failed ones, running one by hand.
#include <iostream>
#include <ostream>

#include "core/duration_text.hpp"
#include "net/query.hpp"
#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/follow_job.hpp"
#include "node/commands/queue_jobs.hpp"
#include "node/commands/session.hpp"
#include "node/commands/show.hpp"
#include "node/commands/table.hpp"

namespace penstock::node {
namespace {

outcome list_jobs(const arguments& given, session& with, const std::string& state, const std::string& time_shown,
                  const std::string& time_title) {
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = jobs_in_state(**node, given, state);
  if (!answer)
    return tl::unexpected(answer.error());
  if (with.json) {
    print_body(with, answer->body);
    return {};
  }
  using align = table::align;
  const auto names = integrations_of(**node, answer->json);
  table jobs({{"JOB"},
              {"KIND"},
              {"INTEGRATION"},
              {"QUEUE"},
              {"PRIORITY", align::right},
              {time_title},
              {"ATTEMPT", align::right},
              {"GROUP"},
              {"TRIGGERED BY"}});
  for (const auto& each : items_of(answer->json))
    jobs.add({shown(each, "id"), shown(each, "kind"), shown_integration(names, each), shown(each, "queue"),
              shown(each, "priority"), shown_time(each, time_shown),
              shown(each, "attempt") + " of " + shown(each, "max_attempts"), shown(each, "group_key"),
              shown(each, "triggered_by")});
  jobs.print(with.out);
  return {};
}

outcome pending(const arguments& given, session& with) {
  return list_jobs(given, with, given.has("--delayed") ? "delayed" : "waiting", "run_at",
                   given.has("--delayed") ? "RUNS AT" : "SINCE");
}
outcome active(const arguments& given, session& with) {
  return list_jobs(given, with, "active", "started_at", "STARTED");
}

/// Each call of the interface removes a bounded number: asked again until nothing is left.
outcome flush(const arguments& given, session& with) {
  boost::json::object body;
  if (given.has("--older-than")) {
    const auto age = parse_duration(given.text("--older-than"));
    if (!age)
      return give_up(exit_status::wrong_usage, "--older-than: " + age.error().message);
    body["older_than_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*age).count();
  }
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto queues = queues_with_failures(**node, given);
  if (!queues)
    return tl::unexpected(queues.error());
  constexpr int most_calls = 1'000;
  boost::json::object removed;
  std::int64_t total = 0;
  for (const auto& name : *queues) {
    std::int64_t of_queue = 0;
    bool more = true;
    for (int i = 0; i < most_calls && more; ++i) {
      const auto answer = (*node)->send("POST", "/api/v1/queues/" + net::percent_encode(name) + "/flush", body);
      if (!answer)
        return tl::unexpected(answer.error());
      of_queue += member_of(answer->json, "removed").to_number<std::int64_t>();
      more = shown(answer->json, "more") == "true";
    }
    removed[name] = of_queue;
    total += of_queue;
    if (!with.json && of_queue > 0)
      with.out << name << ": " << of_queue << " failed jobs removed\n";
  }
  if (with.json)
    with.out << boost::json::object{{"removed", total}, {"queues", removed}} << '\n';
  else if (total == 0)
    with.out << "no failed jobs to remove\n";
  return {};
}

outcome work(const arguments& given, session& with) {
  if (!given.has("--once"))
    return give_up(exit_status::wrong_usage, "give --once: the node's own queues work by themselves");
  const auto name = given.has("NAME") ? given.text("NAME") : std::string("default");
  auto node = api_client::connect(with);
  if (!node)
    return tl::unexpected(std::move(node.error()));
  const auto answer = (*node)->send("POST", "/api/v1/queues/" + net::percent_encode(name) + "/work-once");
  if (!answer)
    return tl::unexpected(answer.error());
  const auto id = shown(answer->json, "job_id");
  if (id.empty())
    return give_up(exit_status::failed, "queue " + name + ": no job may start now (nothing waits, or all slots work)");
  return follow_job(**node, id, with);
}

} // namespace

std::vector<command> queue_job_commands() {
  return {
    {"queue",
     "pending",
     "Show waiting jobs, the newest first.",
     {queue_parameter(),
      {.name = "--delayed", .doc = "those whose time is to come", .what = parameter_kind::flag},
      limit_parameter()},
     pending},
    {"queue", "active", "Show running jobs.", {queue_parameter(), limit_parameter()}, active},
    {"queue",
     "flush",
     "Remove failed jobs for good.",
     {{.name = "--older-than", .doc = "only those that failed so long ago: 7d", .value_name = "DURATION"},
      queue_parameter()},
     flush},
    {"queue",
     "work",
     "Run the job that comes first, also in a paused queue, and show it.",
     {{.name = "NAME", .doc = "the queue's name (default: default)", .what = parameter_kind::place},
      {.name = "--once", .doc = "one job", .what = parameter_kind::flag}},
     work},
  };
}

} // namespace penstock::node
