#pragma once

#include <array>
#include <cstdint>
#include <mutex>

namespace penstock {

/// Randomness for jitter, staggering and simulations. Injected, so that a failing run can be repeated from its seed.
/// Never a source of secrets.
class random_source {
public:
  virtual ~random_source() = default;
  /// 64 evenly distributed bits.
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

/// An even draw from [0, bound). `bound` 0 gives 0.
[[nodiscard]] std::uint64_t uniform(random_source& source, std::uint64_t bound);

/// An even draw from [0, 1), with 53 bits of resolution.
[[nodiscard]] double unit_interval(random_source& source);

/// xoshiro256** (Blackman and Vigna 2018), its state filled from the seed by splitmix64.
/// Same seed, same numbers, on every platform. For one thread.
class seeded_random : public random_source {
public:
  explicit seeded_random(std::uint64_t seed) noexcept;
  [[nodiscard]] std::uint64_t next() override;

private:
  std::array<std::uint64_t, 4> state_;
};

/// The same generator, seeded by the operating system. Thread-safe.
class system_random : public random_source {
public:
  system_random();
  [[nodiscard]] std::uint64_t next() override;

private:
  std::mutex mutex_;
  seeded_random generator_;
};

} // namespace penstock
