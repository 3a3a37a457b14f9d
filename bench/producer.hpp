#pragma once

#include <cstdint>
#include <string>

#include "bench/bench_engine.hpp"

namespace penstock::bench {

/// What a producer sends, and how.
struct production {
  std::int64_t jobs = 0;
  std::int64_t per_commit = 1'000;
  int in_flight = 2;
  std::string kind = "bench.count";
  timestamp run_at = no_time; ///< no_time: at once
  std::int64_t stamp = 0;     ///< the time that the jobs carry; 0: none
};

/// Sends all of it, keeping so many commits in flight, and waits for the last answer: when it came, in microseconds of
/// the system clock. Ends the process when a commit is refused or five minutes pass.
std::int64_t produce(bench_engine& engine, const production& wanted);

/// Waits until so many jobs were handled since the engine began. Ends the process after five minutes.
void wait_for_handlers(bench_engine& engine, std::int64_t count);
/// The same, to the `number`th (in full thousands) alone: when it began, in microseconds of the system clock.
std::int64_t wait_for_mark(bench_engine& engine, std::int64_t number);

[[nodiscard]] double seconds_between(std::int64_t from, std::int64_t to) noexcept;

} // namespace penstock::bench
