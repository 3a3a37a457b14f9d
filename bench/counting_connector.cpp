#include "bench/counting_connector.hpp"

#include <utility>

#include <simdjson.h>

#include "connectors/follow_up.hpp"

namespace penstock::bench {
namespace {

using connectors::process_context;

result<void> count_job(job_counter& counter, const process_context& context) {
  const auto now = system_micros();
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object args;
  if (parser.parse(context.job.args).get(args) != simdjson::SUCCESS)
    return failure(error_code::invalid_argument, "the arguments are a JSON object");
  std::int64_t stamp = 0;
  if (args["t"].get(stamp) == simdjson::SUCCESS)
    counter.count_lateness(now - stamp);
  counter.count(now);
  return {};
}

result<unit_of_work> run_count(job_counter& counter, process_context& context) {
  if (auto counted = count_job(counter, context); !counted)
    return failure(std::move(counted).error());
  return unit_of_work{};
}

result<unit_of_work> run_fetch(job_counter& counter, process_context& context) {
  if (auto counted = count_job(counter, context); !counted)
    return failure(std::move(counted).error());
  unit_of_work unit;
  unit.jobs.push_back(connectors::follow_up(context.job, "bench.count"));
  unit.jobs.back().args = context.job.args;
  return unit;
}

result<unit_of_work> run_featured(job_counter& counter, process_context& context) {
  context.log.info("one of many");
  context.report({.stage = "counting", .message = "half of it", .percent = 50});
  return run_count(counter, context);
}

connectors::job_handler brief(std::string name, connectors::process_handler handler) {
  job_kind kind;
  kind.name = std::move(name);
  kind.queue = queue_name;
  kind.brief = true;
  return {std::move(kind), std::move(handler)};
}

} // namespace

connectors::connector counting_connector(std::shared_ptr<job_counter> counter) {
  connectors::connector made;
  made.name = "bench";
  made.handlers.push_back(
    brief("bench.count", [counter](process_context& context) { return run_count(*counter, context); }));
  made.handlers.push_back(
    brief("bench.fetch", [counter](process_context& context) { return run_fetch(*counter, context); }));
  job_kind featured;
  featured.name = featured_kind;
  featured.queue = featured_queue;
  made.handlers.push_back({std::move(featured), connectors::process_handler([counter](process_context& context) {
                             return run_featured(*counter, context);
                           })});
  return made;
}

std::string sample_args(std::int64_t number, std::int64_t stamp) {
  std::string args = R"({"integration_id":)" + std::to_string(number % 1000) + R"(,"kind":"monzo.transactions",)";
  if (stamp != 0)
    args += R"("t":)" + std::to_string(stamp) + ",";
  args +=
    R"("cursor":"eyJzaW5jZSI6InR4XzAwMDA5elZtS0p4cXpUYjVuUmZYc0wiLCJwYWdlIjoxMiwiYWNjb3VudCI6ImFjY18wMDAwOTIzN2FxQzhjNXVtWm1yUmRoIn0AAAAAAAAAAAAA"})";
  return args;
}

} // namespace penstock::bench
