// What a queue does about the other nodes that take jobs from the same store.
#include <algorithm>

#include "actors/queue_engine.hpp"

namespace penstock::actors {

void queue_engine::look_again() {
  known_to_store_ = true;
  waiting_.window().look_again();
  waiting_.lanes().look_again();
  dispatch();
}

void queue_engine::drop_unclaimed(std::uint16_t slot, const std::vector<job_id>& jobs) {
  auto& place = slots_.at(slot);
  std::vector<ready_job> dropped;
  std::erase_if(place.next, [&](ready_job& job) {
    if (std::find(jobs.begin(), jobs.end(), job.id) == jobs.end())
      return false;
    dropped.push_back(std::move(job));
    return true;
  });
  for (const auto& job : dropped) {
    waiting_.left(job);
    place.cancelled.erase(job.id);
  }
}

void queue_engine::claimed_nothing(std::uint16_t slot, const std::vector<job_id>& jobs) {
  auto& place = slots_.at(slot);
  place.now = place.open_as != 0 ? worker_slot::phase::open : worker_slot::phase::free;
  place.by_hand = false;
  place.cancelled.clear();
  if (std::exchange(place.alone, false) && !jobs.empty())
    effects_.suspect_done(jobs.front());
  dispatch();
}

} // namespace penstock::actors
