// What the machine itself takes for the two things that a job waits for: a sync of the log, and a message that wakes a thread.
// The limits beside the latencies of bench/README.md.
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

namespace penstock::bench {
namespace {

void expect(bool good, const char* what) {
  if (!good)
    throw std::runtime_error(what);
}

/// `range(0)` bytes are written over what a file laid out before holds, and synced: as the log of a commit is.
void sync_of(benchmark::State& state) {
  const char* place = std::getenv("PENSTOCK_BENCH_FOLDER");
  std::string path = std::string{place ? place : "/var/tmp"} + "/penstock-sync-XXXXXX";
  const int file = ::mkstemp(path.data());
  expect(file >= 0, "no file can be made");
  ::unlink(path.c_str());
  const std::vector<char> bytes(1 << 20, 'x');
  constexpr off_t laid_out = 32 << 20;
  for (off_t at = 0; at < laid_out; at += static_cast<off_t>(bytes.size()))
    expect(::pwrite(file, bytes.data(), bytes.size(), at) > 0, "no room");
  ::fsync(file);
  off_t at = 0;
  for (auto _ : state) {
    expect(::pwrite(file, bytes.data(), static_cast<std::size_t>(state.range(0)), at) == state.range(0), "not written");
    expect(::fdatasync(file) == 0, "not synced");
    at = (at + state.range(0)) % (laid_out / 2);
  }
  ::close(file);
}
BENCHMARK(sync_of)->Arg(4096)->Arg(65536)->UseRealTime();

void stay_on(int processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  ::pthread_setaffinity_np(::pthread_self(), sizeof one, &one);
}

/// A byte goes to a thread on the other processor, and one comes back, after `range(0)` microseconds in which that processor
/// had nothing to do: two wakes.
void wakes(benchmark::State& state) {
  std::array<int, 2> there{}, back{};
  expect(::pipe(there.data()) == 0 && ::pipe(back.data()) == 0, "no pipe");
  std::thread other([&] {
    stay_on(1);
    for (char byte = 0; ::read(there[0], &byte, 1) == 1;)
      expect(::write(back[1], &byte, 1) == 1, "not answered");
  });
  cpu_set_t all;
  ::pthread_getaffinity_np(::pthread_self(), sizeof all, &all);
  stay_on(0);
  char byte = 'x';
  for (auto _ : state) {
    if (state.range(0) > 0)
      ::usleep(static_cast<useconds_t>(state.range(0)));
    const auto begun = std::chrono::steady_clock::now();
    expect(::write(there[1], &byte, 1) == 1 && ::read(back[0], &byte, 1) == 1, "not answered");
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  }
  ::pthread_setaffinity_np(::pthread_self(), sizeof all, &all);
  ::close(there[1]);
  other.join();
  for (const int each : {there[0], back[0], back[1]})
    ::close(each);
}
BENCHMARK(wakes)->Arg(0)->Arg(300)->UseManualTime()->Iterations(5'000);

} // namespace
} // namespace penstock::bench
