#include "core/random.hpp"

#include <bit>
#include <random>

namespace penstock {
namespace {

// Rejection is needed with a chance below one half each time; a source that is stuck must not hang its caller.
constexpr int max_draws = 64;

std::uint64_t seed_from_system() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) ^ device();
}

} // namespace

std::uint64_t uniform(random_source& source, std::uint64_t bound) {
  if (bound == 0)
    return 0;
  // 2^64 mod bound: draws below it would make the low results more likely.
  const std::uint64_t biased = (0 - bound) % bound;
  std::uint64_t drawn = source.next();
  for (int i = 1; drawn < biased && i < max_draws; ++i)
    drawn = source.next();
  return drawn % bound;
}

double unit_interval(random_source& source) { return static_cast<double>(source.next() >> 11) * 0x1.0p-53; }

seeded_random::seeded_random(std::uint64_t seed) noexcept {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15u;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    word = z ^ (z >> 31);
  }
}

std::uint64_t seeded_random::next() {
  const std::uint64_t drawn = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return drawn;
}

system_random::system_random() : generator_(seed_from_system()) {}

std::uint64_t system_random::next() {
  const std::lock_guard lock(mutex_);
  return generator_.next();
}

} // namespace penstock
