#pragma once

#include <atomic>
#include <cstdint>

#include "core/ids.hpp"
#include "core/time.hpp"

namespace penstock {

/// Makes 63-bit ids ordered by time: 41 bits of milliseconds since 2020-01-01 (to 2089), 10 bits of node, 12 bits of
/// sequence. Each id is greater than all before it, whatever the clock does: when it steps back or a millisecond's
/// 4096 numbers are used up, the generator borrows from the milliseconds to come. Thread-safe, without locks.
class id_generator {
public:
  static constexpr int node_bits = 10;
  static constexpr int sequence_bits = 12;
  static constexpr std::uint32_t max_node = (1u << node_bits) - 1;
  static constexpr timestamp epoch{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};

  /// `clock` must outlive the generator. Of `node` the low 10 bits count: nodes that share a database need distinct
  /// ones.
  id_generator(const wall_clock& clock, std::uint32_t node) noexcept : clock_(clock), node_(node & max_node) {}

  /// Gives the ids to come another node. Before the first one is made by others.
  void use_node(std::uint32_t node) noexcept { node_.store(node & max_node, std::memory_order_relaxed); }

  /// The next id; never zero.
  [[nodiscard]] std::int64_t next() noexcept;

  template <class Id>
  [[nodiscard]] Id make() noexcept {
    return Id{next()};
  }

  /// From now on only ids of a later tick than `known`'s. For the start of a node whose clock may have been set back
  /// while it was down: give it the highest id that is stored.
  void start_after(std::int64_t known) noexcept;

  /// When an id was made, to the millisecond.
  [[nodiscard]] static constexpr timestamp time_of(std::int64_t id) noexcept {
    return epoch + std::chrono::milliseconds{id >> (node_bits + sequence_bits)};
  }
  /// The lowest id of the millisecond behind a moment's; 0 for a moment before the epoch.
  [[nodiscard]] static constexpr std::int64_t first_after(timestamp moment) noexcept {
    const auto age = std::chrono::floor<std::chrono::milliseconds>(moment - epoch).count();
    return age <= 0 ? 0 : (age + 1) << (node_bits + sequence_bits);
  }
  [[nodiscard]] static constexpr std::uint32_t node_of(std::int64_t id) noexcept {
    return static_cast<std::uint32_t>(id >> sequence_bits) & max_node;
  }

private:
  const wall_clock& clock_;
  std::atomic<std::int64_t> node_;
  /// Milliseconds and sequence of the last id, side by side: adding one carries into the next millisecond by itself.
  std::atomic<std::int64_t> last_tick_{0};
};

} // namespace penstock
