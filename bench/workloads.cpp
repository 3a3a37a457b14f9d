#include "bench/workloads.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "bench/producer.hpp"
#include "bench/store_cycle.hpp"

namespace penstock::bench {
namespace {

measurement rate(std::string workload, std::int64_t jobs, std::int64_t from, std::int64_t to,
                 std::string unit = "jobs/s") {
  return {std::move(workload), static_cast<double>(jobs) / seconds_between(from, to), std::move(unit)};
}

production one_by_one(std::int64_t jobs) { return {.jobs = jobs, .per_commit = 1, .in_flight = 64}; }

/// Of what the stamped jobs told, in milliseconds.
std::vector<measurement> shares_of_lateness(job_counter& counter, const std::string& workload) {
  const auto count = static_cast<std::size_t>(std::min(counter.stamped.load(), job_counter::most_jobs));
  if (count == 0)
    throw std::runtime_error("no job of " + workload + " told its time");
  std::vector<double> late;
  late.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    late.push_back(static_cast<double>(counter.lateness[i].load(std::memory_order_acquire)) / 1e3);
  std::sort(late.begin(), late.end());
  const auto at = [&](double share) {
    return late[std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)))];
  };
  return {{workload + ".p50", at(0.50), "ms"},
          {workload + ".p95", at(0.95), "ms"},
          {workload + ".p99", at(0.99), "ms"},
          {workload + ".max", late.back(), "ms"}};
}

/// A paused queue's jobs wait; on PostgreSQL a queue that was paused here alone works again after half a minute.
void expect_that_none_ran(bench_engine& engine) {
  if (const auto ran = engine.counter().seen.load(); ran != 0)
    throw std::runtime_error(std::to_string(ran) + " jobs ran before the clock did: the backlog took too long to make");
}

/// A database with so many waiting jobs in a paused queue.
void store_backlog(const bench_setup& setup, std::int64_t backlog, std::int64_t history) {
  bench_engine engine(setup);
  engine.stay_paused();
  (void)produce(engine, {.jobs = backlog});
  if (history > 0)
    engine.add_history(history);
}

/// Jobs a second of the first `jobs` that a new engine drains.
double drain_window(bench_setup setup, std::int64_t jobs) {
  setup.anew = false;
  bench_engine engine(setup);
  std::this_thread::sleep_for(std::chrono::seconds(2)); // its window is read, the log is moved
  ::sync();                                             // what was written before is not written meanwhile
  expect_that_none_ran(engine);
  const auto go = system_micros();
  engine.pause(false);
  const auto done = wait_for_mark(engine, jobs);
  engine.pause(true);
  return static_cast<double>(jobs) / seconds_between(go, done);
}

} // namespace

measurement enqueue_in_bulk(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  const auto go = system_micros();
  return rate("W1.bulk", jobs, go, produce(engine, {.jobs = jobs}));
}

measurement enqueue_one_by_one(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  const auto go = system_micros();
  return rate("W1.one64", jobs, go, produce(engine, one_by_one(jobs)));
}

measurement drain_backlog(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  (void)produce(engine, {.jobs = jobs});
  expect_that_none_ran(engine);
  const auto go = system_micros();
  engine.pause(false);
  wait_for_handlers(engine, jobs);
  return rate("W2.drain", jobs, go, engine.counter().last_at.load());
}

measurement produce_and_work(bench_engine& engine, std::int64_t jobs) {
  const auto go = system_micros();
  (void)produce(engine, one_by_one(jobs));
  wait_for_handlers(engine, jobs);
  return rate("W3.e2e", jobs, go, engine.counter().last_at.load());
}

std::vector<measurement> enqueue_to_start(bench_engine& engine, int per_second, int seconds) {
  const auto total = static_cast<std::int64_t>(per_second) * seconds;
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < total; ++i) {
    std::this_thread::sleep_until(start + std::chrono::nanoseconds(1'000'000'000 / per_second) * i);
    unit_of_work unit;
    unit.jobs.push_back(bench_engine::sample_job(i, system_micros()));
    engine.submit(std::move(unit), [](const result<unit_result>&) {});
  }
  wait_for_handlers(engine, total);
  return shares_of_lateness(engine.counter(), "W3.latency");
}

measurement run_store_alone(std::int64_t jobs) {
  constexpr std::size_t batch = 64;
  store_cycle store;
  const auto go = system_micros();
  for (std::int64_t done = 0; done < jobs; done += batch)
    store.enqueue(batch);
  while (store.waiting() >= batch)
    store.claim_and_complete(batch);
  return rate("store", jobs, go, system_micros());
}

measurement follow_up_chain(bench_engine& engine, std::int64_t pairs) {
  engine.pause(true);
  (void)produce(engine, {.jobs = pairs, .kind = "bench.fetch"});
  expect_that_none_ran(engine);
  const auto go = system_micros();
  engine.pause(false);
  wait_for_handlers(engine, 2 * pairs);
  return rate("W4.chain", pairs, go, engine.counter().last_at.load(), "pairs/s");
}

std::vector<measurement> drain_under_backlog(const bench_setup& setup, const deep_backlog& deep) {
  auto small = setup, big = setup;
  small.database.folder /= "small";
  big.database.folder /= "big";
  big.database.schema += "_big";
  store_backlog(big, deep.jobs, deep.history);
  std::vector<measurement> found;
  std::vector<double> of_small, of_big;
  for (int i = 0; i < deep.windows; ++i) {
    store_backlog(small, deep.window, 0);
    of_small.push_back(drain_window(small, deep.window));
    of_big.push_back(drain_window(big, deep.window));
    found.push_back({"W5.small", of_small.back(), "jobs/s"});
    found.push_back({"W5.big", of_big.back(), "jobs/s"});
  }
  std::sort(of_small.begin(), of_small.end());
  std::sort(of_big.begin(), of_big.end());
  const auto middle = of_small.size() / 2;
  found.push_back({"W5.ratio", of_big[middle] / of_small[middle], "ratio"});
  drop_schema(big.database); // PostgreSQL would look after it during what comes next
  return found;
}

std::vector<measurement> due_at_once(bench_engine& engine, std::int64_t jobs, duration ahead) {
  using std::chrono::microseconds;
  const auto due = system_micros() + std::chrono::duration_cast<microseconds>(ahead).count();
  const auto answered = produce(engine, {.jobs = jobs, .run_at = timestamp{} + microseconds{due}, .stamp = due});
  if (answered >= due)
    throw std::runtime_error("the jobs fell due before all were stored: give them more time with --ahead");
  wait_for_handlers(engine, jobs);
  auto found = shares_of_lateness(engine.counter(), "W6.late");
  found.push_back({"W6.enqueued_ahead", seconds_between(answered, due), "s"});
  return found;
}

} // namespace penstock::bench
