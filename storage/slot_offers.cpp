#include "storage/slot_offers.hpp"

#include <algorithm>

namespace penstock::storage {

std::size_t slot_offers::queue_slots::open_count() const noexcept {
  return static_cast<std::size_t>(
    std::count_if(slots.begin(), slots.end(), [](const slot_state& each) { return each.open != 0; }));
}

void slot_offers::remember(std::int64_t queue, const queue_slots& before) {
  if (std::none_of(undo_.begin(), undo_.end(), [queue](const auto& each) { return each.first == queue; }))
    undo_.emplace_back(queue, before);
}

/// Numbers grow, so that a claim which comes late, or again, is known by its number.
bool slot_offers::slot_state::makes_void(const slot_claim& claim) const noexcept {
  return claim.life < life || (claim.takes_back != 0 && claim.takes_back <= given) ||
         (claim.leaves_open != 0 && claim.leaves_open <= given);
}

void slot_offers::queue_slots::close() noexcept {
  for (auto& slot : slots)
    slot.open = 0;
}

bool slot_offers::admit(std::int64_t queue, const slot_claim& claim) {
  auto& known = queues_[queue];
  if (claim.slot < known.slots.size() && known.slots[claim.slot].makes_void(claim))
    return false;
  if (claim.life < known.life)
    return true; // of a queue that died: nothing of it is open
  if (claim.life > known.life || claim.slot >= known.slots.size()) {
    remember(queue, known);
    if (claim.life > known.life) {
      open_ -= known.open_count();
      known.close();
      known.life = claim.life;
    }
    known.slots.resize(std::max(known.slots.size(), claim.slot + std::size_t{1}));
  }
  auto& slot = known.slots[claim.slot];
  if (slot.open != claim.leaves_open || slot.life != claim.life) {
    remember(queue, known);
    open_ -= slot.open != 0 ? 1 : 0;
    open_ += claim.leaves_open != 0 ? 1 : 0;
    slot.open = claim.leaves_open;
    slot.life = claim.life;
  }
  return true;
}

std::size_t slot_offers::open_count(std::int64_t queue) const {
  const auto known = queues_.find(queue);
  return known == queues_.end() ? 0 : known->second.open_count();
}

bool slot_offers::is_open(std::int64_t queue, const slot_claim& claim) const {
  const auto known = queues_.find(queue);
  return known != queues_.end() && claim.slot < known->second.slots.size() &&
         known->second.slots[claim.slot].open == claim.leaves_open;
}

bool slot_offers::close(std::int64_t queue, const slot_claim& claim) {
  const auto known = queues_.find(queue);
  if (known == queues_.end() || claim.slot >= known->second.slots.size())
    return true;
  auto& slot = known->second.slots[claim.slot];
  if (slot.makes_void(claim))
    return false;
  open_ -= std::exchange(slot.open, 0) != 0 ? 1 : 0;
  return true;
}

slot_offers::open_slot slot_offers::give(std::int64_t queue) {
  const auto known = queues_.find(queue);
  if (known == queues_.end())
    return {};
  auto& slots = known->second.slots;
  const auto first = std::find_if(slots.begin(), slots.end(), [](const slot_state& each) { return each.open != 0; });
  if (first == slots.end())
    return {};
  remember(queue, known->second);
  first->given = std::exchange(first->open, 0);
  --open_;
  return {static_cast<std::uint16_t>(first - slots.begin()), first->given};
}

void slot_offers::close_all_of(std::int64_t queue) noexcept {
  if (const auto known = queues_.find(queue); known != queues_.end()) {
    open_ -= known->second.open_count();
    known->second.close();
  }
}

void slot_offers::close_all() noexcept {
  for (auto& [queue, known] : queues_)
    known.close();
  open_ = 0;
}

void slot_offers::rollback() noexcept {
  for (; !undo_.empty(); undo_.pop_back()) {
    auto& [queue, before] = undo_.back();
    auto& known = queues_[queue];
    open_ -= known.open_count();
    open_ += before.open_count();
    known = std::move(before);
  }
}

} // namespace penstock::storage
