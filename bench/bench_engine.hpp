#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/engine.hpp"
#include "bench/bench_database.hpp"
#include "bench/counting_connector.hpp"
#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "core/random.hpp"
#include "core/system_clock.hpp"
#include "net/beast_http_client.hpp"
#include "net/io_runtime.hpp"
#include "node/periodic_task.hpp"

namespace penstock::bench {

/// What stands in an engine beside the queue of the workload, and has nothing to do with it.
struct bystanders {
  std::int64_t integrations = 0; ///< that sleep for hours
  int schedules = 0;             ///< that fire once a day, none within the next hours
  int subscribers = 0;           ///< that take each stored event
};

/// How an engine of the benchmarks is set up.
struct bench_setup {
  bench_database database;
  std::uint16_t concurrency = 4;
  /// The queue `featured` stands beside it, limited, with jobs that use all that a job can use; of those some have run,
  /// and some wait for as long as the engine lives. History is swept each second.
  bool features = false;
  bystanders beside{};
  bool anew = true; ///< on an empty database; else on the one that is there
};

/// An engine with one queue, `bench`, whose jobs count themselves.
class bench_engine {
public:
  explicit bench_engine(const bench_setup& setup);
  ~bench_engine();

  /// While paused, jobs are stored and wait.
  void pause(bool paused);
  /// The queue is paused from now on, and in the next engine on this database.
  void stay_paused();
  /// One job as the workloads define it: about 200 bytes, an integration, a kind, a cursor.
  [[nodiscard]] static job_request sample_job(std::int64_t number, std::int64_t stamp = 0);
  void submit(unit_of_work unit, std::function<void(result<unit_result>)> done);
  job_counter& counter() noexcept { return *counter_; }
  /// Adds so many completed jobs of last month, beside the engine's back. The queue must know its kind already.
  void add_history(std::int64_t jobs);

private:
  void use_features();
  void add_schedules(int count);
  void add_subscribers(int count);

  const bench_database where_;
  std::shared_ptr<job_counter> counter_;
  system_wall_clock clock_;
  system_random random_;
  id_generator ids_;
  net::io_runtime network_;
  net::timer_sleeper sleeper_;
  std::unique_ptr<net::http_client> http_;
  connectors::catalogue catalogue_;
  job_kind_catalogue kinds_;
  std::unique_ptr<storage::database> database_;
  caf::actor_system_config caf_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<actors::engine> engine_;
  std::unique_ptr<node::periodic_task> log_moves_, sweeps_; ///< as a node does it; first to go
};

} // namespace penstock::bench
