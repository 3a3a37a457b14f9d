#include "actors/group_lanes.hpp"

#include <algorithm>
#include <utility>

#include "core/group_path.hpp"

namespace penstock::actors {
namespace {

/// Tenants whose last turn is remembered though nothing of them waits.
constexpr std::size_t most_idle_tenants = 10'000;

} // namespace

template <class Change>
void group_lanes::rearrange(tenant& of, Change change) {
  const auto entry = [&] {
    return std::tuple{of.heads.begin()->first.priority, of.turn, of.heads.begin()->first, &of};
  };
  if (!of.heads.empty())
    ready_.erase(entry());
  change();
  if (!of.heads.empty())
    ready_.insert(entry());
}

std::size_t group_lanes::share() const noexcept {
  return std::max<std::size_t>(1, capacity_ / std::max<std::size_t>(1, lanes_.size()));
}

group_lanes::lane& group_lanes::lane_of(const std::string& key, bool in_order) {
  if (const auto found = lanes_.find(key); found != lanes_.end())
    return found->second;
  if (tenants_.size() > most_idle_tenants + capacity_)
    std::erase_if(tenants_, [](const auto& each) { return each.second.lanes == 0; });
  auto& made = lanes_[key];
  made.key = key;
  made.in_order = in_order;
  made.of = &tenants_[std::string(group_path::tenant(key))];
  if (made.of->lanes++ == 0)
    made.of->turn = std::max(made.of->turn, passed_turn_);
  return made;
}

// -- what comes and goes ----------------------------------------------------------------------------------------------

void group_lanes::add(ready_job job, timestamp now) {
  if (known_.contains(job.id))
    return;
  if (job.run_at <= now) {
    insert_due(std::move(job));
    return;
  }
  known_.emplace(job.id, std::pair{nullptr, queue_place{}});
  delayed_.emplace(std::pair{job.run_at, job.id}, std::move(job));
  while (delayed_.size() > capacity_) {
    const auto last = std::prev(delayed_.end());
    leave_delayed(last->first.first);
    known_.erase(last->first.second);
    delayed_.erase(last);
  }
}

/// A delayed job stands in the store alone from now on. The clock may have gone back since the store was read: what was
/// accounted for then is not any more.
void group_lanes::leave_delayed(timestamp run_at) {
  store_next_ = store_next_ == no_time ? run_at : std::min(store_next_, run_at);
  const auto before = run_at - duration{1};
  checked_until_ = std::min(checked_until_, before);
  asked_.now = std::min(asked_.now, before);
}

void group_lanes::insert_due(ready_job job) {
  const auto place = job.place();
  const bool is_new = !lanes_.contains(job.group_key);
  if (is_new && lanes_.size() >= capacity_)
    make_room_for_lane();
  auto& into = lane_of(job.group_key, job.in_order);
  if (is_new && searching_ && !job.in_order) {
    into.hidden = true; // others of it may lie in the store, before this one
    into.horizon = {};
  }
  if (into.hidden && place > into.horizon) {
    known_.erase(job.id);
    if (refilling_)
      left_.insert(into.key);
    note_hunger(into);
    return;
  }
  known_[job.id] = {&into, place};
  rearrange(*into.of, [&] {
    if (!into.set_aside && !into.due.empty())
      into.of->heads.erase({into.due.begin()->first, &into});
    into.due.emplace(place, std::move(job));
    if (!into.set_aside)
      into.of->heads.insert({into.due.begin()->first, &into});
  });
  ++due_count_;
  if (due_count_ > capacity_ && into.due.size() > share())
    hide_tail(into);
}

void group_lanes::remove_due(lane& from, std::map<queue_place, ready_job>::iterator job) {
  rearrange(*from.of, [&] {
    if (!from.set_aside)
      from.of->heads.erase({from.due.begin()->first, &from});
    from.due.erase(job);
    if (!from.set_aside && !from.due.empty())
      from.of->heads.insert({from.due.begin()->first, &from});
  });
  --due_count_;
}

void group_lanes::hide_tail(lane& one) {
  const auto last = std::prev(one.due.end());
  known_.erase(last->first.id);
  remove_due(one, last);
  // Jobs may be known beyond the horizon (refill_arrived says why): it only comes nearer.
  const auto end = one.due.empty() ? queue_place{} : std::prev(one.due.end())->first;
  one.horizon = one.hidden ? std::min(one.horizon, end) : end;
  one.hidden = true;
  if (refilling_)
    left_.insert(one.key);
}

/// Whoever has the most lanes gives one up to the store.
void group_lanes::make_room_for_lane() {
  const auto richest = std::max_element(tenants_.begin(), tenants_.end(), [](const auto& a, const auto& b) {
    return a.second.heads.size() < b.second.heads.size();
  });
  searching_ = true;
  searched_to_.clear();
  search_again_ = refilling_; // what is under way may have passed the lane already
  if (richest == tenants_.end() || richest->second.heads.empty())
    return;
  auto& gives = *std::prev(richest->second.heads.end())->second;
  while (!gives.due.empty()) {
    known_.erase(gives.due.begin()->first.id);
    remove_due(gives, gives.due.begin());
  }
  if (refilling_)
    left_.insert(gives.key);
  gives.hidden = false;
  retire(gives);
}

/// A lane that holds nothing and stands for nothing in the store goes.
void group_lanes::retire(lane& one) {
  if (!one.due.empty() || one.hidden || one.set_aside)
    return;
  --one.of->lanes;
  hungry_.erase(one.key);
  const auto key = one.key;
  lanes_.erase(key);
}

void group_lanes::note_hunger(lane& one) {
  if (one.hidden && one.due.size() <= share() / 4)
    hungry_.insert(one.key);
}

void group_lanes::advance(timestamp now) {
  while (!delayed_.empty() && delayed_.begin()->first.first <= now)
    insert_due(std::move(delayed_.extract(delayed_.begin()).mapped()));
  while (!reopens_.empty() && reopens_.begin()->first <= now) {
    const auto prefix = std::move(reopens_.begin()->second);
    reopens_.erase(reopens_.begin());
    open(prefix);
  }
  if (store_next_ != no_time && store_next_ <= now) {
    check_due_ = true;
    store_next_ = no_time;
  }
  if (pause_until_ != no_time && pause_until_ <= now)
    pause_until_ = no_time;
}

// -- turns ------------------------------------------------------------------------------------------------------------

const ready_job* group_lanes::first(const group_gate& gate, timestamp now) {
  while (!ready_.empty()) {
    auto& one = *std::get<3>(*ready_.begin())->heads.begin()->second;
    const auto& job = one.due.begin()->second;
    auto why = gate.closed_for(job, now);
    if (!why)
      return &job;
    set_aside(one, std::move(*why));
  }
  return nullptr;
}

ready_job group_lanes::take(std::uint64_t turn) {
  auto& of = *std::get<3>(*ready_.begin());
  auto& one = *of.heads.begin()->second;
  passed_turn_ = std::max(passed_turn_, of.turn);
  auto job = std::move(one.due.begin()->second);
  remove_due(one, one.due.begin());
  rearrange(of, [&] { of.turn = turn; });
  known_[job.id] = {nullptr, queue_place{}};
  note_hunger(one);
  retire(one);
  return job;
}

void group_lanes::set_aside(lane& one, group_gate::closure why) {
  rearrange(*one.of, [&] { one.of->heads.erase({one.due.begin()->first, &one}); });
  one.set_aside = true;
  auto& lanes = closed_[why.prefix];
  if (lanes.empty() && why.until != no_time)
    reopens_.emplace(why.until, why.prefix);
  lanes.push_back(one.key);
}

void group_lanes::open(const std::string& prefix) {
  const auto opened = closed_.extract(prefix);
  if (opened.empty())
    return;
  for (const auto& key : opened.mapped()) {
    auto& one = lanes_.at(key);
    one.set_aside = false;
    if (one.due.empty())
      retire(one);
    else
      rearrange(*one.of, [&] { one.of->heads.insert({one.due.begin()->first, &one}); });
  }
}

void group_lanes::hold(job_id id) {
  drop(id);
  known_[id] = {nullptr, queue_place{}};
}

void group_lanes::forget(job_id id) {
  known_.erase(id);
  if (refilling_)
    ended_since_refill_.insert(id);
}

bool group_lanes::drop(job_id id) {
  const auto found = known_.find(id);
  if (found == known_.end()) {
    if (refilling_)
      ended_since_refill_.insert(id);
    return false;
  }
  if (auto* const in = found->second.first) {
    remove_due(*in, in->due.find(found->second.second));
    note_hunger(*in);
    retire(*in);
  } else {
    std::erase_if(delayed_, [id](const auto& each) { return each.first.second == id; });
  }
  forget(id);
  return true;
}

timestamp group_lanes::next_wake() const noexcept {
  timestamp next = delayed_.empty() ? no_time : delayed_.begin()->first.first;
  const auto opening = reopens_.empty() ? no_time : reopens_.begin()->first;
  for (const auto other : {store_next_, pause_until_, opening})
    if (other != no_time)
      next = next == no_time ? other : std::min(next, other);
  return next;
}

} // namespace penstock::actors
