#include "core/id_generator.hpp"

#include <algorithm>

namespace penstock {

std::int64_t id_generator::next() noexcept {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(clock_.now() - epoch).count();
  const std::int64_t tick_of_clock = std::max<std::int64_t>(millis, 0) << sequence_bits;
  std::int64_t last = last_tick_.load(std::memory_order_relaxed);
  std::int64_t tick;
  do {
    tick = std::max(tick_of_clock, last + 1);
  } while (!last_tick_.compare_exchange_weak(last, tick, std::memory_order_relaxed));
  constexpr std::int64_t sequence_mask = (1 << sequence_bits) - 1;
  return ((tick >> sequence_bits) << (node_bits + sequence_bits)) | (node_.load(std::memory_order_relaxed) << sequence_bits) | (tick & sequence_mask);
}

void id_generator::start_after(std::int64_t known) noexcept {
  // The whole millisecond counts as used: the known id may come from a node with a higher number.
  const std::int64_t tick = (((known >> (node_bits + sequence_bits)) + 1) << sequence_bits) - 1;
  std::int64_t last = last_tick_.load(std::memory_order_relaxed);
  while (last < tick && !last_tick_.compare_exchange_weak(last, tick, std::memory_order_relaxed)) {
    // `last` was reloaded
  }
}

} // namespace penstock
