#include "gateway/answer_watch.hpp"

#include <vector>

namespace penstock::gateway {

void answer_watch::drop_answered() {
  while (!entries_.empty() && entries_.front().waiting.expired())
    entries_.pop_front();
}

void answer_watch::add(std::weak_ptr<open_answer> waiting) {
  const std::scoped_lock lock(mutex_);
  drop_answered();
  entries_.push_back({std::move(waiting), now_ + ticks_});
}

void answer_watch::tick() {
  std::vector<std::shared_ptr<open_answer>> late;
  {
    const std::scoped_lock lock(mutex_);
    ++now_;
    while (!entries_.empty() && (entries_.front().expires_at <= now_ || entries_.front().waiting.expired())) {
      if (auto still = entries_.front().waiting.lock())
        late.push_back(std::move(still));
      entries_.pop_front();
    }
  }
  for (const auto& each : late)
    each->expire();
}

std::size_t answer_watch::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

} // namespace penstock::gateway
