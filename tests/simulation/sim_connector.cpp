#include "tests/simulation/sim_connector.hpp"

#include <chrono>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "connectors/follow_up.hpp"

namespace penstock::simulation {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using connectors::fetch_context;
using connectors::process_context;

/// A handler's run, from its first line to its last, whichever way it leaves.
class watched_run {
public:
  watched_run(handler_watch& watch, const ready_job& job) : watch_(watch), number_(watch.started(job)) {}
  ~watched_run() { watch_.ended(number_); }
  watched_run(const watched_run&) = delete;
  watched_run& operator=(const watched_run&) = delete;

private:
  handler_watch& watch_;
  const std::uint64_t number_;
};

std::int64_t number_in(const ready_job& job, std::string_view key) {
  const auto args = json::parse(job.args).as_object();
  const auto* found = args.if_contains(key);
  return found ? found->as_int64() : 0;
}

row_appends effect_of(const ready_job& job) { return {std::string(effects_table), {{job.id.value}}}; }

result<unit_of_work> append(handler_watch& watch, process_context& context) {
  const watched_run run(watch, context.job);
  if (context.job.attempts < number_in(context.job, "failures"))
    return failure(error_code::network, "as the simulation asked");
  unit_of_work unit;
  unit.appends.push_back(effect_of(context.job));
  return unit;
}

result<unit_of_work> have_children(handler_watch& watch, process_context& context) {
  const watched_run run(watch, context.job);
  unit_of_work unit;
  const auto failures = number_in(context.job, "failures");
  for (std::int64_t i = 0; i < number_in(context.job, "children"); ++i) {
    auto child = connectors::follow_up(context.job, "sim.solo");
    child.parent = context.job.id;
    child.args = json::serialize(json::object{{"failures", i < failures ? sim_attempts : 0}});
    unit.jobs.push_back(std::move(child));
  }
  return unit;
}

net::asio::awaitable<result<unit_of_work>> wait_and_append(handler_watch& watch, fetch_context& context) {
  const watched_run run(watch, context.job);
  co_await context.sleeper.sleep(std::chrono::milliseconds(number_in(context.job, "ms")));
  unit_of_work unit;
  unit.appends.push_back(effect_of(context.job));
  co_return unit;
}

std::int64_t committed_change(const stream_cursor& committed) {
  return committed.cursor.empty() ? 0 : json::parse(committed.cursor).at("change").as_int64();
}

job_request in_stream(const ready_job& job, std::string kind, std::int64_t page, std::int64_t after) {
  auto next = connectors::follow_up(job, std::move(kind));
  next.stream = job.stream;
  next.group_key = job.group_key;
  next.args = json::serialize(json::object{{"page", page}, {"after", after}});
  return next;
}

net::asio::awaitable<result<unit_of_work>> fetch_page(handler_watch& watch, fetch_context& context) {
  const watched_run run(watch, context.job);
  const auto page = std::max<std::int64_t>(number_in(context.job, "page"), 1);
  const auto after = page == 1 ? committed_change(context.committed) : number_in(context.job, "after");
  net::http_request request;
  request.url = "http://provider.test/feed?after=" + std::to_string(after);
  auto answer = co_await context.http.send(std::move(request));
  if (!answer)
    co_return failure(answer.error());
  if (answer->status != 200)
    co_return failure(error_code::provider_unavailable, "status " + std::to_string(answer->status));
  boost::system::error_code wrong;
  const auto body = json::parse(answer->body, wrong);
  if (wrong)
    co_return failure(error_code::truncated_body, "half a page");
  const auto entries = static_cast<std::int64_t>(body.at("entries").as_array().size());
  unit_of_work unit;
  if (entries == 0)
    co_return unit;
  auto store = in_stream(context.job, "sim.page", page, after);
  store.payload = std::move(answer->body);
  unit.jobs.push_back(std::move(store));
  if (body.at("more").as_bool())
    unit.jobs.push_back(in_stream(context.job, "sim.fetch", page + 1, after + entries));
  co_return unit;
}

result<unit_of_work> store_page(handler_watch& watch, process_context& context) {
  const watched_run run(watch, context.job);
  unit_of_work unit;
  row_upserts upserts{std::string(items_table), context.job.integration, {}};
  std::int64_t last = 0;
  const auto page = json::parse(context.payload);
  for (const auto& entry : page.at("entries").as_array()) {
    last = entry.at("change").as_int64();
    upserts.rows.push_back({std::string(entry.at("item").as_string()), {entry.at("value").as_int64()}, last});
  }
  unit.rows.push_back(std::move(upserts));
  cursor_advance moved;
  moved.integration = context.job.integration;
  moved.stream = context.job.stream;
  moved.run = context.job.run;
  moved.page = number_in(context.job, "page");
  moved.cursor = json::serialize(json::object{{"change", last}});
  unit.cursors.push_back(std::move(moved));
  return unit;
}

job_kind kind_of(std::string name, std::string queue, handler_style style) {
  job_kind kind;
  kind.name = std::move(name);
  kind.queue = std::move(queue);
  kind.style = style;
  kind.max_attempts = sim_attempts;
  kind.backoff = backoff_policy::list({2s, 5s, 10s});
  kind.timeout = 20s;
  return kind;
}

connectors::service sim_service() {
  connectors::service service;
  service.name = "sim";
  service.title = "Simulated";
  service.validate = [](std::string_view) { return result<void>{}; };
  service.first_jobs = [](const integration& account) {
    job_request first;
    first.kind = "sim.fetch";
    first.stream = std::string(feed_stream);
    ready_job of;
    of.organisation = account.organisation;
    of.integration = account.id;
    first.group_key = connectors::stream_group(of, feed_stream);
    std::vector<job_request> jobs;
    jobs.push_back(std::move(first));
    return result<std::vector<job_request>>(std::move(jobs));
  };
  return service;
}

} // namespace

connectors::connector sim_connector(handler_watch& watch) {
  connectors::connector made;
  made.name = "sim";
  const auto process = [&](job_kind kind, auto handler) {
    made.handlers.push_back({std::move(kind), connectors::process_handler([&watch, handler](process_context& context) {
                               return handler(watch, context);
                             })});
  };
  const auto fetch = [&](job_kind kind, auto handler) {
    made.handlers.push_back({std::move(kind), connectors::fetch_handler([&watch, handler](fetch_context& context) {
                               return handler(watch, context);
                             })});
  };
  auto brief = kind_of("sim.append", "alpha", handler_style::process);
  brief.brief = true;
  process(std::move(brief), append);
  process(kind_of("sim.solo", "beta", handler_style::process), append);
  process(kind_of("sim.tree", "beta", handler_style::process), have_children);
  process(kind_of("sim.page", "process", handler_style::process), store_page);
  fetch(kind_of("sim.wait", "alpha", handler_style::fetch), wait_and_append);
  fetch(kind_of("sim.fetch", "fetch", handler_style::fetch), fetch_page);
  made.tables = {
    {.name = std::string(effects_table), .columns = {{"job_id", column_type::integer}}, .append_only = true},
    {.name = std::string(items_table), .columns = {{"value", column_type::integer}}}};
  made.migrations = {{"sim",
                      1,
                      "create tables",
                      {"CREATE TABLE sim_effects (job_id BIGINT NOT NULL)",
                       // For the observer.
                       "CREATE INDEX sim_grouped ON jobs (id, attempts) WHERE state = 0 AND group_key IS NOT NULL",
                       "CREATE INDEX sim_awaiting ON jobs (id, attempts) WHERE state = 2",
                       "CREATE INDEX sim_keyed ON jobs (id) WHERE state < 3 AND unique_key IS NOT NULL",
                       "CREATE TABLE sim_items (integration_id BIGINT NOT NULL, source_id TEXT NOT NULL, "
                       "source_version BIGINT NOT NULL, "
                       "value BIGINT, first_seen_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT, "
                       "PRIMARY KEY (integration_id, source_id))"}}};
  made.services.push_back(sim_service());
  return made;
}

} // namespace penstock::simulation
