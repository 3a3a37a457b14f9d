// Core rules on the path of each job or each firing.
#include <benchmark/benchmark.h>

#include "core/cron.hpp"
#include "core/id_generator.hpp"
#include "core/system_clock.hpp"
#include "core/token_bucket.hpp"

namespace penstock::bench {
namespace {

void draw_id(benchmark::State& state) {
  const system_wall_clock clock;
  id_generator ids(clock, 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(ids.next());
}
BENCHMARK(draw_id);

void take_token(benchmark::State& state) {
  auto now = system_wall_clock{}.now();
  token_bucket bucket({.capacity = 1000, .refill = 1'000'000}, now);
  for (auto _ : state) {
    now += std::chrono::microseconds{1};
    benchmark::DoNotOptimize(bucket.try_take(1, now));
  }
}
BENCHMARK(take_token);

void next_firing(benchmark::State& state) {
  const auto rule = cron_expression::parse("*/5 8-18 * * mon-fri");
  const auto zone = time_zone::find("Europe/Berlin");
  auto at = system_wall_clock{}.now();
  for (auto _ : state)
    at = rule->next(at, *zone).value_or(at);
  benchmark::DoNotOptimize(at);
}
BENCHMARK(next_firing);

} // namespace
} // namespace penstock::bench
