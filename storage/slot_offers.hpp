#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "messages/unit_of_work.hpp"

namespace penstock::storage {

/// Which slots their queues left open (slot_claim), and which were given away, in the writer's memory. Nothing of it is
/// stored. An open slot may be forgotten at any time: it gets no new jobs until its queue leaves it open again. That one was
/// given away must be known for as long as its queue may claim it under an old number.
class slot_offers {
public:
  /// Looks at a claim before it is written. False: it is void, since the slot was given away under its number or has been
  /// claimed by a later life of the queue.
  [[nodiscard]] bool admit(std::int64_t queue, const slot_claim& claim);

  [[nodiscard]] bool any_open() const noexcept { return open_ > 0; }
  [[nodiscard]] std::size_t open_count(std::int64_t queue) const;
  /// Whether the slot is open by this very claim.
  [[nodiscard]] bool is_open(std::int64_t queue, const slot_claim& claim) const;

  struct open_slot {
    std::uint16_t slot = 0;
    std::uint64_t number = 0; ///< 0: none was open
  };
  /// Gives the first open slot of the queue away.
  [[nodiscard]] open_slot give(std::int64_t queue);

  /// A claim could not be stored: its slot is not open, whatever it was. False: it was void. Between transactions.
  [[nodiscard]] bool close(std::int64_t queue, const slot_claim& claim);
  void close_all_of(std::int64_t queue) noexcept;
  void close_all() noexcept;

  void commit() noexcept { undo_.clear(); }
  void rollback() noexcept;

private:
  struct slot_state {
    std::uint64_t open = 0;  ///< the number under which it is; 0: it is not
    std::uint64_t given = 0; ///< the last number under which it was given away
    std::uint64_t life = 0;  ///< of the queue, when it claimed the slot last
    [[nodiscard]] bool makes_void(const slot_claim& claim) const noexcept;
  };
  struct queue_slots {
    std::uint64_t life = 0; ///< the last that claimed a slot
    std::vector<slot_state> slots{};
    [[nodiscard]] std::size_t open_count() const noexcept;
    void close() noexcept;
  };
  void remember(std::int64_t queue, const queue_slots& before);

  std::unordered_map<std::int64_t, queue_slots> queues_;
  std::size_t open_ = 0;
  std::vector<std::pair<std::int64_t, queue_slots>> undo_; // what stood before this transaction
};

} // namespace penstock::storage
