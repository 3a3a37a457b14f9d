#include "bench/bench_engine.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include <caf/send.hpp>
#include <libpq-fe.h>
#include <simdjson.h>

#include "actors/caf_settings.hpp"
#include "actors/engine_kinds.hpp"
#include "node/log_mover.hpp"

namespace penstock::bench {
namespace {

constexpr const char* queue_name = "bench";

template <class T>
T must(result<T> value) {
  if (!value)
    throw std::runtime_error(value.error().message);
  if constexpr (!std::is_void_v<T>)
    return std::move(*value);
}

/// Parses the payload, as a handler of use would, and counts.
result<unit_of_work> count_job(job_counter& counter, connectors::process_context& context) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object args;
  if (parser.parse(context.job.args).get(args) != simdjson::SUCCESS)
    return failure(error_code::invalid_argument, "bench.count needs a JSON object");
  if (counter.on_stamp) {
    std::int64_t stamp = 0;
    if (args["t"].get(stamp) == simdjson::SUCCESS)
      counter.on_stamp(stamp);
  }
  counter.last_at.store(steady_now(), std::memory_order_relaxed);
  counter.seen.fetch_add(1, std::memory_order_release);
  return unit_of_work{};
}

connectors::connector counting_connector(std::shared_ptr<job_counter> counter) {
  connectors::connector made;
  made.name = "bench";
  job_kind kind;
  kind.name = "bench.count";
  kind.queue = queue_name;
  kind.brief = true;
  made.handlers.push_back(
    {std::move(kind), connectors::process_handler(
                        [counter](connectors::process_context& context) { return count_job(*counter, context); })});
  return made;
}

/// An empty schema in that database: its url.
std::string fresh_schema(const std::string& url) {
  struct closing {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  const std::unique_ptr<PGconn, closing> connection{PQconnectdb(url.c_str())};
  auto* made =
    PQexec(connection.get(), "SET client_min_messages = error; DROP SCHEMA IF EXISTS penstock_bench CASCADE; "
                             "CREATE SCHEMA penstock_bench");
  const bool good = PQresultStatus(made) == PGRES_COMMAND_OK;
  PQclear(made);
  if (!good)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "options=-csearch_path%3Dpenstock_bench";
}

} // namespace

std::int64_t steady_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

bench_engine::bench_engine(const std::filesystem::path& folder, const std::string& url,
                           storage::synchronous_mode synchronous, std::uint16_t concurrency)
    : counter_(std::make_shared<job_counter>()), ids_(clock_, 1), network_(1) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::vector<connectors::connector> enabled;
  enabled.push_back(counting_connector(counter_));
  catalogue_ = must(connectors::catalogue::build(std::move(enabled)));
  for (auto& kind : catalogue_.kinds())
    kinds_.add(std::move(kind));
  actors::add_engine_kinds(kinds_);

  storage::database_settings settings;
  settings.url =
    url.empty() ? "sqlite://" + std::filesystem::absolute(folder / "bench.db").string() : fresh_schema(url);
  settings.synchronous = synchronous;
  settings.log_bytes = storage::usual_log_bytes;
  storage::database_context context;
  context.clock = &clock_;
  context.ids = &ids_;
  context.kinds = &kinds_;
  database_ = must(storage::database::open(std::move(settings), std::move(context)));
  must(database_->migrate());

  network_.start();
  http_ = must(net::beast_http_client::make(network_.executor()));
  actors::apply_engine_settings(caf_config_);
  system_ = std::make_unique<caf::actor_system>(caf_config_);
  actors::engine_parts parts;
  parts.database = database_.get();
  parts.connectors = &catalogue_;
  parts.kinds = &kinds_;
  parts.http = http_.get();
  parts.sleeper = &sleeper_;
  parts.clock = &clock_;
  parts.random = &random_;
  parts.ids = &ids_;
  parts.executor = network_.executor();
  actors::engine_config config;
  config.concurrency[queue_name] = concurrency;
  config.fatal = [](const std::string& reason) { std::fprintf(stderr, "%s\n", reason.c_str()); };
  engine_ = must(actors::engine::start(*system_, parts, std::move(config)));
  auto& database = *database_;
  const auto mover = std::make_shared<node::log_mover>(
    clock_, [&database] { return database.log(); }, [&database] { return database.checkpoint(); });
  log_moves_ = std::make_unique<node::periodic_task>(std::chrono::seconds(1), [mover] { mover->run(); });
}

bench_engine::~bench_engine() {
  log_moves_.reset();
  if (engine_)
    engine_->stop(std::chrono::seconds(1));
  engine_.reset();
  system_.reset();
  network_.stop();
}

void bench_engine::pause(bool paused) {
  caf::anon_send(
    engine_->handles().supervisor,
    actors::command_named_queue{queue_name, paused ? actors::queue_command::pause : actors::queue_command::resume});
}

job_request bench_engine::sample_job(std::int64_t number, std::int64_t stamp) {
  job_request job;
  job.kind = "bench.count";
  job.args =
    R"({"integration_id":)" + std::to_string(number % 1000) + R"(,"kind":"monzo.transactions","t":)" +
    std::to_string(stamp) +
    R"(,"cursor":"eyJzaW5jZSI6InR4XzAwMDA5elZtS0p4cXpUYjVuUmZYc0wiLCJwYWdlIjoxMiwiYWNjb3VudCI6ImFjY18wMDAwOTIzN2FxQzhjNXVtWm1yUmRoIn0AAAAAAAAAAAAA"})";
  return job;
}

void bench_engine::submit(unit_of_work unit, std::function<void(result<unit_result>)> done) {
  caf::anon_send(engine_->handles().commits, actors::submit_unit{std::move(unit), std::move(done)});
}

} // namespace penstock::bench
