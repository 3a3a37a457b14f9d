#include "bench/producer.hpp"

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

/// Keeps a number of commits in flight until `total` jobs are acknowledged. Answers come on a thread of the
/// store's, which sends the next commit at once.
class producer : public std::enable_shared_from_this<producer> {
public:
  producer(bench_engine& engine, production wanted) : engine_(engine), wanted_(std::move(wanted)) {}

  void start() {
    for (int i = 0; i < wanted_.in_flight; ++i)
      send_next();
  }

  /// The time at which the last job was acknowledged.
  std::int64_t wait() {
    std::unique_lock lock(mutex_);
    if (!all_done_.wait_for(lock, longest_run, [this] { return finished_at_ != 0; })) {
      std::fprintf(stderr, "the producer was not answered within five minutes\n");
      std::_Exit(1); // others' threads are at work
    }
    return finished_at_;
  }

private:
  void send_next() {
    const auto first = sent_.fetch_add(wanted_.per_commit);
    const auto count = std::min(wanted_.per_commit, wanted_.jobs - first);
    if (count <= 0)
      return;
    unit_of_work unit;
    unit.jobs.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      auto& job = unit.jobs.emplace_back(bench_engine::sample_job(first + i, wanted_.stamp));
      job.kind = wanted_.kind;
      job.run_at = wanted_.run_at;
    }
    engine_.submit(std::move(unit), [self = shared_from_this(), count](result<unit_result> answer) {
      if (!answer) {
        std::fprintf(stderr, "enqueue refused: %s\n", answer.error().message.c_str());
        std::_Exit(1); // others' threads are at work
      }
      self->answered(count);
    });
  }

  void answered(std::int64_t count) {
    if (acknowledged_.fetch_add(count) + count >= wanted_.jobs) {
      const std::lock_guard lock(mutex_);
      finished_at_ = system_micros();
      all_done_.notify_all();
    } else {
      send_next();
    }
  }

  bench_engine& engine_;
  const production wanted_;
  std::atomic<std::int64_t> sent_{0}, acknowledged_{0};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::int64_t finished_at_ = 0;
};

/// Looks each millisecond until it is there.
template <class Predicate>
void wait_until(bench_engine& engine, std::int64_t count, Predicate is_there) {
  const auto limit = std::chrono::steady_clock::now() + longest_run;
  while (!is_there()) {
    if (std::chrono::steady_clock::now() > limit) {
      std::fprintf(stderr, "only %lld of %lld jobs ran within five minutes\n",
                   static_cast<long long>(engine.counter().seen.load()), static_cast<long long>(count));
      std::_Exit(1); // others' threads are at work
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

} // namespace

std::int64_t produce(bench_engine& engine, const production& wanted) {
  auto run = std::make_shared<producer>(engine, wanted);
  run->start();
  return run->wait();
}

void wait_for_handlers(bench_engine& engine, std::int64_t count) {
  wait_until(engine, count, [&] { return engine.counter().seen.load(std::memory_order_acquire) >= count; });
}

std::int64_t wait_for_mark(bench_engine& engine, std::int64_t number) {
  const auto& mark = engine.counter().marks.at(static_cast<std::size_t>(number / job_counter::mark_every));
  wait_until(engine, number, [&] { return mark.load(std::memory_order_acquire) != 0; });
  return mark.load();
}

double seconds_between(std::int64_t from, std::int64_t to) noexcept { return static_cast<double>(to - from) / 1e6; }

} // namespace penstock::bench
