#include "bench/producer.hpp"

#include <algorithm>
#include <chrono>
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

/// Keeps a number of commits in flight until `total` jobs are acknowledged. Makes them on its own thread: answers come on the
/// store's, which have other things to do.
class producer : public std::enable_shared_from_this<producer> {
public:
  producer(bench_engine& engine, production wanted) : engine_(engine), wanted_(std::move(wanted)) {}

  /// The time at which the last job was acknowledged.
  std::int64_t run() {
    const auto end = std::chrono::steady_clock::now() + longest_run;
    for (int free = wanted_.in_flight; free > 0; free = await_answers(end))
      for (; free > 0; --free)
        send_next();
    return finished_at_;
  }

private:
  /// How many commits may be sent; 0: all is acknowledged.
  int await_answers(std::chrono::steady_clock::time_point end) {
    std::unique_lock lock(mutex_);
    if (!answered_.wait_until(lock, end, [this] { return free_ > 0 || acknowledged_ >= wanted_.jobs; })) {
      std::fprintf(stderr, "the producer was not answered within five minutes\n");
      std::exit(1);
    }
    return acknowledged_ >= wanted_.jobs ? 0 : std::exchange(free_, 0);
  }

  void send_next() {
    const auto count = std::min(wanted_.per_commit, wanted_.jobs - sent_);
    if (count <= 0)
      return;
    unit_of_work unit;
    unit.jobs.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
      auto& job = unit.jobs.emplace_back(bench_engine::sample_job(sent_ + i, wanted_.stamp));
      job.kind = wanted_.kind;
      job.run_at = wanted_.run_at;
    }
    sent_ += count;
    engine_.submit(std::move(unit), [self = shared_from_this(), count](result<unit_result> answer) {
      if (!answer) {
        std::fprintf(stderr, "enqueue refused: %s\n", answer.error().message.c_str());
        std::exit(1);
      }
      self->note(count);
    });
  }

  /// On a thread of the store's.
  void note(std::int64_t count) {
    const std::lock_guard lock(mutex_);
    ++free_;
    acknowledged_ += count;
    finished_at_ = system_micros();
    answered_.notify_one();
  }

  bench_engine& engine_;
  const production wanted_;
  std::int64_t sent_ = 0;
  std::mutex mutex_;
  std::condition_variable answered_;
  int free_ = 0; ///< answers since the producer looked
  std::int64_t acknowledged_ = 0, finished_at_ = 0;
};

} // namespace

std::int64_t produce(bench_engine& engine, const production& wanted) {
  return std::make_shared<producer>(engine, wanted)->run();
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

double seconds_between(std::int64_t from, std::int64_t to) noexcept { return static_cast<double>(to - from) / 1e6; }

} // namespace penstock::bench
