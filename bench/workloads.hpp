#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/bench_engine.hpp"

/// The workloads W1 to W6, as bench/README.md defines them. Each runs on an engine of its own.
namespace penstock::bench {

struct measurement {
  std::string workload; ///< "W1.bulk"
  double value = 0;
  std::string unit; ///< "jobs/s", "ms"
};

/// Durable enqueue of `jobs` jobs, 1,000 a call (one transaction each), two calls in flight.
[[nodiscard]] measurement enqueue_in_bulk(bench_engine& engine, std::int64_t jobs);
/// One job a call, 64 calls in flight, each answered after its commit.
[[nodiscard]] measurement enqueue_one_by_one(bench_engine& engine, std::int64_t jobs);
/// From `go` to the last handler of a backlog of `jobs` waiting jobs.
[[nodiscard]] measurement drain_backlog(bench_engine& engine, std::int64_t jobs);
/// Producers (as enqueue_one_by_one) and workers at once, the queue empty at first; to the last handler.
[[nodiscard]] measurement produce_and_work(bench_engine& engine, std::int64_t jobs);
/// 1,000 jobs a second for `seconds`; from just before the enqueue call to the handler. p50, p95, p99, maximum.
[[nodiscard]] std::vector<measurement> enqueue_to_start(bench_engine& engine, int per_second, int seconds);

/// The store alone on one thread, SQLite in memory: jobs enqueued in commits of 64, claimed and completed in 64s.
[[nodiscard]] measurement run_store_alone(std::int64_t jobs);
/// `pairs` jobs wait, each of which enqueues one more; to the last handler of the second ones.
[[nodiscard]] measurement follow_up_chain(bench_engine& engine, std::int64_t pairs);
struct deep_backlog {
  std::int64_t jobs = 1'000'000; ///< that wait; more than windows * window
  std::int64_t history = 0;      ///< completed jobs beside them
  std::int64_t window = 10'000;  ///< jobs that are drained at a time; thousands
  /// Of each kind, an odd number. A window lasts 20 to 50 ms, so that a disturbed one would decide among few.
  int windows = 15;
};
/// How fast the first `window` jobs of a deep backlog go, against as many that are all there is: windows in turns, and
/// the ratio of their medians. Each window has an engine of its own, which has read what it holds in memory before the
/// clock starts.
[[nodiscard]] std::vector<measurement> drain_under_backlog(const bench_setup& setup, const deep_backlog& deep);
/// `jobs` delayed jobs fall due at one moment, `ahead` from now, while the workers are there: how late they begin.
[[nodiscard]] std::vector<measurement> due_at_once(bench_engine& engine, std::int64_t jobs, duration ahead);

/// `checks` due checks over `integrations`, `due` of which are due at each: found, marked and their root jobs enqueued,
/// to the end of the durable commit. From the second on the check also looks whether those triggered before still have a
/// root job.
[[nodiscard]] std::vector<measurement> check_due(const bench_database& where, std::int64_t integrations,
                                                 std::int64_t due, int checks);

} // namespace penstock::bench
