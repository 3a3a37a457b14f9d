// The order of waiting jobs in a queue's memory.
#include <benchmark/benchmark.h>

#include "actors/waiting_jobs.hpp"
#include "bench/counting_connector.hpp"
#include "core/system_clock.hpp"

namespace penstock::bench {
namespace {

/// A job comes and is taken, with 5,000 others there.
void queue_add_and_take(benchmark::State& state) {
  const bool grouped = state.range(0) != 0;
  const system_wall_clock clock;
  job_kind_catalogue kinds;
  const auto now = clock.now();
  actors::waiting_jobs jobs({.queue = queue_name}, kinds, now);
  std::int64_t number = 0;
  const auto next = [&] {
    ready_job job;
    job.id = {++number};
    job.queue = queue_name;
    job.kind = "bench.count";
    job.args = sample_args(number);
    job.run_at = now;
    if (grouped)
      job.group_key = std::to_string(number % 100);
    return job;
  };
  for (int i = 0; i < 5000; ++i)
    jobs.add(next(), now);
  for (auto _ : state) {
    jobs.add(next(), now);
    jobs.advance(now);
    if (!jobs.has_next(now))
      state.SkipWithError("no job may start");
    auto job = jobs.take(now);
    jobs.left(job);
    benchmark::DoNotOptimize(job);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(queue_add_and_take)->ArgName("grouped")->Arg(0)->Arg(1);

} // namespace
} // namespace penstock::bench
