#include "bench/workloads.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace penstock::bench {
namespace {

constexpr auto longest_run = std::chrono::minutes(5);

double seconds_between(std::int64_t from, std::int64_t to) { return static_cast<double>(to - from) / 1e9; }

/// Keeps a number of commits in flight until `total` jobs are acknowledged. Answers come on an actor's thread, which
/// sends the next commit at once.
class producer : public std::enable_shared_from_this<producer> {
public:
  producer(bench_engine& engine, std::int64_t total, std::int64_t per_commit)
    : engine_(engine), total_(total), per_commit_(per_commit) {}

  void start(int in_flight) {
    for (int i = 0; i < in_flight; ++i)
      send_next();
  }

  /// The steady time at which the last job was acknowledged.
  std::int64_t wait() {
    std::unique_lock lock(mutex_);
    if (!all_done_.wait_for(lock, longest_run, [this] { return acknowledged_.load() >= total_; })) {
      std::fprintf(stderr, "the producer was not answered within five minutes\n");
      std::exit(1);
    }
    return finished_at_;
  }

private:
  void send_next() {
    const auto first = sent_.fetch_add(per_commit_);
    const auto count = std::min(per_commit_, total_ - first);
    if (count <= 0)
      return;
    unit_of_work unit;
    unit.jobs.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i)
      unit.jobs.push_back(bench_engine::sample_job(first + i));
    engine_.submit(std::move(unit), [self = shared_from_this(), count](result<unit_result> answer) {
      if (!answer) {
        std::fprintf(stderr, "enqueue refused: %s\n", answer.error().message.c_str());
        std::exit(1);
      }
      self->answered(count);
    });
  }

  void answered(std::int64_t count) {
    if (acknowledged_.fetch_add(count) + count >= total_) {
      const std::lock_guard lock(mutex_);
      finished_at_ = steady_now();
      all_done_.notify_all();
    } else {
      send_next();
    }
  }

  bench_engine& engine_;
  const std::int64_t total_, per_commit_;
  std::atomic<std::int64_t> sent_{0}, acknowledged_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::int64_t finished_at_ = 0;
};

std::int64_t produce(bench_engine& engine, std::int64_t jobs, std::int64_t per_commit, int in_flight) {
  auto run = std::make_shared<producer>(engine, jobs, per_commit);
  run->start(in_flight);
  return run->wait();
}

void wait_for_handlers(bench_engine& engine, std::int64_t count) {
  const auto limit = std::chrono::steady_clock::now() + longest_run;
  while (engine.counter().seen.load(std::memory_order_acquire) < count) {
    if (std::chrono::steady_clock::now() > limit) {
      std::fprintf(stderr, "only %lld of %lld jobs ran within five minutes\n",
                   static_cast<long long>(engine.counter().seen.load()), static_cast<long long>(count));
      std::exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

} // namespace

measurement enqueue_in_bulk(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  const auto go = steady_now();
  return {"W1.bulk", static_cast<double>(jobs) / seconds_between(go, produce(engine, jobs, 1000, 2)), "jobs/s"};
}

measurement enqueue_one_by_one(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  const auto go = steady_now();
  return {"W1.one64", static_cast<double>(jobs) / seconds_between(go, produce(engine, jobs, 1, 64)), "jobs/s"};
}

measurement drain_backlog(bench_engine& engine, std::int64_t jobs) {
  engine.pause(true);
  (void)produce(engine, jobs, 1000, 2);
  const auto go = steady_now();
  engine.pause(false);
  wait_for_handlers(engine, jobs);
  return {"W2.drain", static_cast<double>(jobs) / seconds_between(go, engine.counter().last_at.load()), "jobs/s"};
}

measurement produce_and_work(bench_engine& engine, std::int64_t jobs) {
  const auto go = steady_now();
  (void)produce(engine, jobs, 1, 64);
  wait_for_handlers(engine, jobs);
  return {"W3.e2e", static_cast<double>(jobs) / seconds_between(go, engine.counter().last_at.load()), "jobs/s"};
}

std::vector<measurement> enqueue_to_start(bench_engine& engine, int per_second, int seconds) {
  const auto total = static_cast<std::int64_t>(per_second) * seconds;
  std::mutex mutex;
  std::vector<double> latencies;
  latencies.reserve(static_cast<std::size_t>(total));
  engine.counter().on_stamp = [&](std::int64_t stamped) {
    const auto now = steady_now();
    const std::lock_guard lock(mutex);
    latencies.push_back(static_cast<double>(now - stamped) / 1e6);
  };
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < total; ++i) {
    std::this_thread::sleep_until(start + std::chrono::nanoseconds(1'000'000'000 / per_second) * i);
    unit_of_work unit;
    unit.jobs.push_back(bench_engine::sample_job(i, steady_now()));
    engine.submit(std::move(unit), [](const result<unit_result>&) {});
  }
  wait_for_handlers(engine, total);
  const std::lock_guard lock(mutex);
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double share) {
    return latencies[std::min(latencies.size() - 1, static_cast<std::size_t>(share * static_cast<double>(latencies.size())))];
  };
  return {{"W3.latency.p50", at(0.50), "ms"},
          {"W3.latency.p95", at(0.95), "ms"},
          {"W3.latency.p99", at(0.99), "ms"},
          {"W3.latency.max", latencies.back(), "ms"}};
}

} // namespace penstock::bench
