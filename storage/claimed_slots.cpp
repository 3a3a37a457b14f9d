// The part of unit_executor for worker slots: what queues claim, and the new jobs that the slots get which they left open.
#include <algorithm>
#include <map>

#include "storage/unit_executor.hpp"

namespace penstock::storage {

void unit_executor::run_claims(std::span<const write_item> items) {
  left_open_.clear();
  const auto write = [this](std::int64_t queue, const slot_claim& claim) {
    if (claim.leaves_open != 0 && state_.offers.is_open(queue, claim))
      left_open_.emplace_back(queue, &claim); // its row is written once it is known whether it gets new jobs
    else
      state_.slots.claim(queue, claim, state_.now);
  };
  if (!shared_) {
    for (const auto& item : items)
      if (item.claims)
        for (const auto& claim : *item.claims)
          if (const auto queue = state_.queues.id_of(claim.queue); state_.offers.admit(queue, claim))
            write(queue, claim);
    return;
  }
  wishes_.clear();
  for (const auto& item : items)
    if (item.claims) {
      item.lost->clear();
      for (const auto& claim : *item.claims)
        if (const auto queue = state_.queues.id_of(claim.queue); state_.offers.admit(queue, claim))
          wishes_.push_back({queue, claim, item.lost});
    }
  shared_->grant(wishes_, state_.slots, state_.now);
  for (const auto& wish : wishes_)
    write(wish.queue, wish.claim);
}

void unit_executor::give_open_slots() {
  if (!state_.offers.any_open() || state_.news.new_jobs().empty())
    return;
  std::map<std::int64_t, std::vector<const news_builder::new_job*>> by_queue;
  for (const auto& each : state_.news.new_jobs()) {
    // What has a group takes its turn among its tenant's, by rules that the queue knows.
    if (each.ended || !each.request->group_key.empty() || state_.news.ready(each.index).run_at > state_.now)
      continue;
    if (const auto queue = state_.queues.id_of(*each.queue); state_.offers.open_count(queue) > 0)
      by_queue[queue].push_back(&each);
  }
  for (auto& [queue, jobs] : by_queue)
    give_open_slots_of(queue, std::move(jobs));
}

/// Those that got nothing hold nothing any more.
void unit_executor::write_open_slots() {
  for (const auto& [queue, claim] : left_open_)
    if (state_.offers.is_open(queue, *claim))
      state_.slots.claim(queue, *claim, state_.now);
}

bool unit_executor::is_brief(const news_builder::new_job& job) const {
  const auto* kind = state_.house.kinds->find(job.request->kind);
  return kind && kind->brief;
}

/// As the queue would: in their order, brief ones sharing a slot.
void unit_executor::give_open_slots_of(std::int64_t queue, std::vector<const news_builder::new_job*> jobs) {
  const auto place = [this](const news_builder::new_job* job) {
    const auto& ready = state_.news.ready(job->index);
    return queue_place{job->request->priority, ready.run_at, ready.id};
  };
  const auto is_before = [&](const auto* a, const auto* b) { return place(a) < place(b); };
  if (!std::is_sorted(jobs.begin(), jobs.end(), is_before))
    std::sort(jobs.begin(), jobs.end(), is_before);
  auto next = jobs.begin();
  for (auto open = state_.offers.open_count(queue); open > 0 && next != jobs.end(); --open) {
    const auto left = static_cast<std::size_t>(jobs.end() - next);
    const auto most = is_brief(**next) ? jobs_a_turn(left, open) : 1;
    const auto slot = state_.offers.give(queue);
    commit_news::gift gift{state_.queues.name_of(queue), slot.slot, slot.number, {}};
    slot_claim claim{gift.queue, slot.slot, false, {}};
    std::vector<std::size_t> given;
    do {
      claim.jobs.push_back(state_.news.ready((*next)->index).id);
      given.push_back((*next)->index);
      ++next;
    } while (given.size() < most && next != jobs.end() && is_brief(**next));
    state_.slots.claim(queue, claim, state_.now);
    state_.news.give(std::move(gift), std::move(given));
  }
}

} // namespace penstock::storage
