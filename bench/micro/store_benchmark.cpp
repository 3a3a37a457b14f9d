// What a job costs in the store, SQLite in memory: no disk, no actors.
#include <benchmark/benchmark.h>

#include "bench/store_cycle.hpp"

namespace penstock::bench {
namespace {

/// Jobs in one commit: as of a single call, of some that came together, of a bulk request.
void store_enqueue(benchmark::State& state) {
  store_cycle store;
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state)
    store.enqueue(count);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(store_enqueue)->Arg(1)->Arg(64)->Arg(1000);

/// Jobs that a slot claims and ends together; the enqueue is not timed.
void store_claim_and_complete(benchmark::State& state) {
  store_cycle store;
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    if (store.waiting() < count) {
      state.PauseTiming();
      for (int i = 0; i < 20; ++i)
        store.enqueue(1000);
      state.ResumeTiming();
    }
    store.claim_and_complete(count);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(store_claim_and_complete)->Arg(1)->Arg(64)->Arg(256);

} // namespace
} // namespace penstock::bench
