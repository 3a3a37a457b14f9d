#include "bench/bench_engine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <caf/send.hpp>
#include <soci/soci.h>

#include "actors/caf_settings.hpp"
#include "actors/engine_kinds.hpp"
#include "bench/must.hpp"
#include "bench/producer.hpp"
#include "node/commit_and_wait.hpp"
#include "node/history_sweep.hpp"
#include "node/log_mover.hpp"

namespace penstock::bench {
namespace {

/// Takes everything and keeps nothing.
class listener final : public actors::event_subscriber {
public:
  bool offer(const std::shared_ptr<const event>&) override { return true; }
  void dropped(const std::string&) override {}
};

} // namespace

bench_engine::bench_engine(const bench_setup& setup)
    : where_(setup.database), counter_(map_counter()), ids_(clock_, 1), network_(1) {
  if (setup.anew)
    make_anew(where_);
  std::vector<connectors::connector> enabled;
  enabled.push_back(counting_connector(counter_));
  catalogue_ = must(connectors::catalogue::build(std::move(enabled)));
  for (auto& kind : catalogue_.kinds())
    kinds_.add(std::move(kind));
  actors::add_engine_kinds(kinds_);

  storage::database_settings settings;
  settings.url = where_.store_url();
  settings.synchronous = where_.synchronous;
  settings.log_bytes = storage::usual_log_bytes;
  storage::database_context context;
  context.clock = &clock_;
  context.ids = &ids_;
  context.kinds = &kinds_;
  database_ = must(storage::database::open(std::move(settings), std::move(context)));
  must(database_->migrate());
  if (setup.beside.integrations > 0) {
    auto sql = open_beside(where_);
    add_sleeping_integrations(sql, setup.beside.integrations, clock_.now(), std::chrono::hours(24));
  }

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
  config.concurrency[queue_name] = setup.concurrency;
  if (setup.features)
    config.rules[featured_queue].limit = token_rate{.capacity = 1'000, .refill = 1'000};
  config.fatal = [](const std::string& reason) {
    std::fprintf(stderr, "penstock-bench: %s\n", reason.c_str());
    std::_Exit(1); // nothing more would come
  };
  engine_ = must(actors::engine::start(*system_, parts, std::move(config)));
  auto& database = *database_;
  const auto mover = std::make_shared<node::log_mover>(
    clock_, [&database] { return database.log(); }, [&database] { return database.checkpoint(); });
  log_moves_ = std::make_unique<node::periodic_task>(std::chrono::seconds(1), [mover] { mover->run(); });
  if (setup.features)
    use_features();
  add_schedules(setup.beside.schedules);
  add_subscribers(setup.beside.subscribers);
}

void bench_engine::add_schedules(int count) {
  const auto now = std::chrono::floor<std::chrono::hours>(clock_.now().time_since_epoch()).count();
  unit_of_work unit;
  for (int i = 0; i < count; ++i) {
    schedule value;
    value.name = "daily " + std::to_string(i);
    value.rule = std::to_string(i % 60) + ' ' + std::to_string((now + 3 + i % 18) % 24) + " * * *";
    value.kind = featured_kind;
    value.args = sample_args(i);
    unit.changes.emplace_back(add_schedule{std::move(value)});
  }
  if (count > 0)
    (void)must(node::commit_and_wait(*engine_->handles().commits, std::move(unit)));
}

void bench_engine::add_subscribers(int count) {
  for (int i = 0; i < count; ++i)
    caf::anon_send(engine_->handles().events, actors::subscribe_events{std::make_shared<listener>()});
}

void bench_engine::use_features() {
  constexpr int jobs = 400;
  unit_of_work unit;
  for (int i = 0; i < jobs; ++i) {
    auto& job = unit.jobs.emplace_back(sample_job(i));
    job.kind = featured_kind;
    job.unique_key = "key " + std::to_string(i);
    job.group_key = std::to_string(i % 20) + "/" + std::to_string(i % 40);
    if (i % 2 == 1)
      job.run_at = clock_.now() + std::chrono::hours(1);
  }
  const auto commits = engine_->handles().commits;
  (void)must(node::commit_and_wait(*commits, std::move(unit)));
  wait_for_handlers(*this, jobs / 2);
  counter_->seen = counter_->begun = 0;
  constexpr auto week = std::chrono::days(7);
  config::retention_settings ages;
  ages.completed_jobs = ages.failed_jobs = ages.events = ages.occurrences = week;
  const auto sweep = std::make_shared<node::history_sweep>(
    ages, std::map<std::string, config::queue_settings, std::less<>>{}, clock_,
    [commits](unit_of_work change) { return node::commit_and_wait(*commits, std::move(change)); });
  sweeps_ = std::make_unique<node::periodic_task>(std::chrono::seconds(1), [sweep] { sweep->run(); });
}

bench_engine::~bench_engine() {
  sweeps_.reset();
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

void bench_engine::stay_paused() {
  unit_of_work unit;
  unit.changes.push_back(pause_queue{queue_name, true});
  (void)must(node::commit_and_wait(*engine_->handles().commits, std::move(unit)));
  pause(true);
}

job_request bench_engine::sample_job(std::int64_t number, std::int64_t stamp) {
  job_request job;
  job.kind = "bench.count";
  job.args = sample_args(number, stamp);
  return job;
}

void bench_engine::submit(unit_of_work unit, std::function<void(result<unit_result>)> done) {
  engine_->handles().commits->submit(std::move(unit), std::move(done));
}

void bench_engine::add_history(std::int64_t jobs) {
  auto sql = open_beside(where_);
  const std::int64_t month = 30LL * 24 * 3600 * 1'000'000;
  const std::int64_t then = system_micros() - month;
  const auto args = sample_args(1);
  // Ids as they were drawn then (core/id_generator.hpp): one a millisecond would do, four a millisecond are denser.
  const std::int64_t first = then / 1000 - id_generator::epoch.time_since_epoch().count() / 1000;
  std::int64_t queue = 0, kind = 0;
  sql << "SELECT id FROM queues WHERE name = 'bench'", soci::into(queue);
  sql << "SELECT id FROM kinds WHERE name = 'bench.count'", soci::into(kind);
  constexpr std::int64_t step = 500'000; // rows a transaction
  for (std::int64_t from = 0; from < jobs; from += step) {
    const auto to = std::min(jobs, from + step) - 1;
    soci::transaction change(sql);
    const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT CAST(:from AS BIGINT) UNION ALL SELECT i + 1 FROM n "
                                "WHERE i < CAST(:to AS BIGINT)) ";
    const std::string id = "((CAST(:first AS BIGINT) + i / 4) * 4194304 + i % 4)";
    sql << numbers +
             "INSERT INTO jobs (id, queue_id, kind_id, state, priority, attempts, ties, run_at, started_at, "
             "finished_at, args) SELECT " +
             id +
             ", CAST(:queue AS INTEGER), CAST(:kind AS INTEGER), 0, 5, 0, 0, "
             "CAST(:r AS BIGINT), CAST(:s AS BIGINT), CAST(:f AS BIGINT), CAST(:args AS TEXT) FROM n",
      soci::use(from), soci::use(to), soci::use(first), soci::use(queue), soci::use(kind), soci::use(then),
      soci::use(then), soci::use(then), soci::use(args);
    sql << numbers + "INSERT INTO plain_ends (job_id, started_at, finished_at) SELECT " + id +
             ", CAST(:s AS BIGINT), CAST(:f AS BIGINT) FROM n",
      soci::use(from), soci::use(to), soci::use(first), soci::use(then), soci::use(then);
    change.commit();
  }
  analyse(sql, where_);
}

} // namespace penstock::bench
