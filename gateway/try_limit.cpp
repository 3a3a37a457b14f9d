#include "gateway/try_limit.hpp"

#include <algorithm>
#include <iterator>

namespace penstock::gateway {

void try_limit::forget(failures& of, timestamp now) const {
  const auto forgotten = std::min<std::int64_t>((now - of.last) / forget_one_after_, of.count);
  if (forgotten <= 0)
    return;
  of.count -= static_cast<int>(forgotten);
  of.last += forgotten * forget_one_after_;
}

timestamp try_limit::free_at(const failures& of) const {
  if (of.count < at_will_)
    return of.last;
  const int doublings = std::min(of.count - at_will_, 10);
  return of.last + std::min<duration>(std::chrono::seconds(std::int64_t{1} << doublings), longest_pause);
}

try_limit::admission try_limit::begin(const std::string& key, timestamp now) {
  const std::scoped_lock lock(mutex_);
  if (by_key_.size() >= most && !by_key_.contains(key))
    make_room(now);
  auto& held = by_key_.try_emplace(key, failures{0, now}).first->second;
  forget(held, now);
  if (const auto free = free_at(held); now < free)
    return {free - now, held};
  const auto before = held;
  held = {held.count + 1, now};
  return {duration{0}, before};
}

void try_limit::call_off(const std::string& key, const admission& tried) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end())
    return;
  auto& held = found->second;
  if (held.count == tried.before.count + 1)
    held = tried.before;
  else if (held.count > 0)
    --held.count; // others have tried meanwhile
  if (held.count <= 0)
    by_key_.erase(found);
}

void try_limit::clear(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  by_key_.erase(key);
}

void try_limit::make_room(timestamp now) {
  for (auto each = by_key_.begin(); each != by_key_.end();) {
    forget(each->second, now);
    each = each->second.count == 0 ? by_key_.erase(each) : std::next(each);
  }
  if (by_key_.size() < most)
    return;
  const auto oldest = std::min_element(by_key_.begin(), by_key_.end(),
                                       [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  by_key_.erase(oldest);
}

} // namespace penstock::gateway
