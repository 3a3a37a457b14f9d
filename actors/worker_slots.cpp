#include "actors/worker_slots.hpp"

#include <algorithm>

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;

} // namespace

std::optional<std::uint16_t> worker_slots::first(phase phase) const noexcept {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [phase](const auto& s) { return s.now == phase; });
  if (found == slots_.end())
    return std::nullopt;
  return static_cast<std::uint16_t>(found - slots_.begin());
}

std::optional<std::uint16_t> worker_slots::idle() const noexcept {
  if (const auto free = first_free())
    return free;
  const auto last = std::find_if(slots_.rbegin(), slots_.rend(), [](const auto& s) { return s.now == phase::open; });
  if (last == slots_.rend())
    return std::nullopt;
  return static_cast<std::uint16_t>(slots_.rend() - last - 1);
}

std::size_t worker_slots::count(phase phase) const noexcept {
  return static_cast<std::size_t>(
    std::count_if(slots_.begin(), slots_.end(), [phase](const auto& s) { return s.now == phase; }));
}

worker_slot* worker_slots::running(const slot_turn& turn) noexcept {
  if (turn.slot >= slots_.size())
    return nullptr;
  auto& slot = slots_[turn.slot];
  return slot.now == phase::running && slot.turn == turn.turn ? &slot : nullptr;
}

std::optional<std::uint16_t> worker_slots::slot_holding(job_id job) const noexcept {
  const auto is_it = [job](const ready_job& held) { return held.id == job; };
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (std::any_of(slots_[i].jobs.begin(), slots_[i].jobs.end(), is_it) ||
        std::any_of(slots_[i].next.begin(), slots_[i].next.end(), is_it))
      return static_cast<std::uint16_t>(i);
  return std::nullopt;
}

worker_slot* worker_slots::giving_up(job_id job) noexcept {
  for (auto& slot : slots_)
    if (std::any_of(slot.given_up.begin(), slot.given_up.end(), [job](const auto& each) { return each.id == job; }))
      return &slot;
  return nullptr;
}

std::vector<job_id> worker_slots::active_jobs() const {
  std::vector<job_id> ids;
  for (const auto& slot : slots_)
    for (const auto& job : slot.jobs)
      ids.push_back(job.id);
  return ids;
}

std::vector<std::uint16_t> worker_slots::overdue(timestamp now) const {
  std::vector<std::uint16_t> late;
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i].now == phase::running && slots_[i].deadline <= now)
      late.push_back(static_cast<std::uint16_t>(i));
  return late;
}

timestamp worker_slots::next_deadline() const noexcept {
  timestamp next = no_time;
  for (const auto& slot : slots_)
    if (slot.now == phase::running && (next == no_time || slot.deadline < next))
      next = slot.deadline;
  return next;
}

void worker_slots::forget_given_up(job_id job) {
  for (auto& slot : slots_)
    std::erase_if(slot.given_up, [job](const ready_job& each) { return each.id == job; });
}

} // namespace penstock::actors
