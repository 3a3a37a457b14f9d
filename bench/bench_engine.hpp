#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/engine.hpp"
#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "core/random.hpp"
#include "core/system_clock.hpp"
#include "net/beast_http_client.hpp"
#include "net/io_runtime.hpp"
#include "node/periodic_task.hpp"
#include "storage/database.hpp"

namespace penstock::bench {

/// What the handler of `bench.count` tells: how many jobs it has seen, and when (steady clock, nanoseconds).
struct job_counter {
  std::atomic<std::int64_t> seen{0};
  std::atomic<std::int64_t> last_at{0};
  /// Called with the steady time at which the producer stamped the job, if it did.
  std::function<void(std::int64_t stamped_at)> on_stamp;
};

[[nodiscard]] std::int64_t steady_now() noexcept;

/// An engine on a fresh database with one queue, `bench`, whose jobs count themselves.
class bench_engine {
public:
  /// `url`: of PostgreSQL, where a schema of that name is made anew; empty: an SQLite file in `folder`.
  bench_engine(const std::filesystem::path& folder, const std::string& url, storage::synchronous_mode synchronous,
               std::uint16_t concurrency);
  ~bench_engine();

  /// While paused, jobs are stored and wait.
  void pause(bool paused);
  /// One job as the workloads define it: about 200 bytes, an integration, a kind, a cursor.
  [[nodiscard]] static job_request sample_job(std::int64_t number, std::int64_t stamp = 0);
  void submit(unit_of_work unit, std::function<void(result<unit_result>)> done);
  job_counter& counter() noexcept { return *counter_; }

private:
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
  std::unique_ptr<node::periodic_task> log_moves_; ///< as a node does it; first to go
};

} // namespace penstock::bench
