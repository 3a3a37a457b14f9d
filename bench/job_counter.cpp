#include "bench/job_counter.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <new>
#include <system_error>

namespace penstock::bench {

void job_counter::count(std::int64_t now) noexcept {
  for (auto last = last_at.load(std::memory_order_relaxed);
       last < now && !last_at.compare_exchange_weak(last, now, std::memory_order_relaxed);) {}
  const auto number = begun.fetch_add(1, std::memory_order_relaxed) + 1;
  if (number % mark_every == 0 && number <= most_jobs)
    marks[static_cast<std::size_t>(number / mark_every)].store(now, std::memory_order_relaxed);
  seen.fetch_add(1, std::memory_order_release); // last: whoever sees all of them finds the last one's time
}

void job_counter::count_lateness(std::int64_t late) noexcept {
  const auto number = stamping.fetch_add(1, std::memory_order_relaxed);
  if (number < most_jobs)
    lateness[static_cast<std::size_t>(number)].store(late, std::memory_order_relaxed);
  stamped.fetch_add(1, std::memory_order_release);
}

std::int64_t system_micros() noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
    .count();
}

std::shared_ptr<job_counter> map_counter(const std::filesystem::path& file, bool make) {
  const auto fail = [&](const char* what) {
    throw std::system_error(errno, std::generic_category(), what + (" " + file.string()));
  };
  constexpr auto size = sizeof(job_counter);
  int descriptor = -1;
  if (!file.empty()) {
    descriptor = ::open(file.c_str(), make ? O_RDWR | O_CREAT | O_TRUNC : O_RDWR, 0600);
    if (descriptor < 0)
      fail("cannot open");
    if (make && ::ftruncate(descriptor, static_cast<off_t>(size)) != 0)
      fail("cannot size");
  }
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, file.empty() ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED,
                        descriptor, 0);
  if (descriptor >= 0)
    ::close(descriptor);
  if (memory == MAP_FAILED) // NOLINT: a cast of the system's
    fail("cannot map");
  // What is mapped is zero, as its constructor would leave it, or another process's already.
  auto* counter = std::launder(static_cast<job_counter*>(memory));
  return {counter, [](job_counter* mapped) { ::munmap(mapped, sizeof(job_counter)); }};
}

} // namespace penstock::bench
