#include "gateway/try_limit.hpp"

#include <algorithm>

namespace penstock::gateway {

timestamp try_limit::free_at(const failures& of) const {
  if (of.count < at_will_)
    return of.last;
  const int doublings = std::min(of.count - at_will_, 10);
  return of.last + std::min<duration>(std::chrono::seconds(std::int64_t{1} << doublings), longest_pause);
}

duration try_limit::begin(const std::string& key, timestamp now) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (by_key_.size() >= most)
      make_room(now);
    by_key_[key] = {1, now};
    return duration{0};
  }
  auto& held = found->second;
  if (now - held.last >= memory)
    held = {};
  else if (const auto free = free_at(held); now < free)
    return free - now;
  ++held.count;
  held.last = now;
  return duration{0};
}

void try_limit::call_off(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end() && --found->second.count <= 0)
    by_key_.erase(found);
}

void try_limit::clear(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  by_key_.erase(key);
}

void try_limit::make_room(timestamp now) {
  std::erase_if(by_key_, [now](const auto& each) { return now - each.second.last >= memory; });
  if (by_key_.size() < most)
    return;
  const auto oldest = std::min_element(by_key_.begin(), by_key_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  by_key_.erase(oldest);
}

} // namespace penstock::gateway
