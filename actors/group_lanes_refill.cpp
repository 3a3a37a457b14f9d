// How lanes are read from the store; their order and turns are in group_lanes.cpp.
#include <algorithm>
#include <utility>

#include "actors/group_lanes.hpp"

namespace penstock::actors {
namespace {

/// Most lanes of one refill, so that no read takes long.
constexpr std::size_t lanes_a_refill = 500;
constexpr std::size_t most_jobs_a_lane = 1'000;

} // namespace

void group_lanes::look_again() {
  for (auto& [key, one] : lanes_) {
    one.hidden = true;
    one.horizon = {};
    hungry_.insert(key);
    if (refilling_)
      left_.insert(key); // what is under way may have been read before
  }
  searching_ = true;
  searched_to_.clear();
  search_again_ = refilling_;
}

bool group_lanes::wants_refill() const noexcept {
  if (refilling_ || pause_until_ != no_time)
    return false;
  return !hungry_.empty() || check_due_ || (searching_ && lanes_.size() <= capacity_ / 2);
}

storage::lane_request group_lanes::start_refill(timestamp now) {
  asked_ = {};
  for (auto each = hungry_.begin(); each != hungry_.end() && asked_.lanes.size() < lanes_a_refill;) {
    asked_.lanes.push_back({*each, lanes_.at(*each).horizon});
    each = hungry_.erase(each);
  }
  asked_.search = searching_ && lanes_.size() <= capacity_ / 2;
  asked_.search_after = searched_to_;
  asked_.most_lanes = static_cast<std::int64_t>(lanes_a_refill);
  asked_.jobs_a_lane = static_cast<std::int64_t>(std::clamp<std::size_t>(share(), 8, most_jobs_a_lane));
  if (check_due_ && checked_until_ != no_time)
    asked_.due_since = checked_until_;
  if (asked_.due_since != no_time) // what became due may stand before the horizon of a lane that is asked for too
    for (auto& wish : asked_.lanes)
      wish.after = {};
  asked_.most_jobs = static_cast<std::int64_t>(capacity_);
  asked_.now = now;
  check_due_ = false;
  refilling_ = true;
  left_.clear();
  ended_since_refill_.clear();
  return asked_;
}

void group_lanes::refill_arrived(storage::lane_window found, timestamp now) {
  refilling_ = false;
  checked_until_ = asked_.now;
  // A lane of which the store has nothing more is whole, unless something was left to it meanwhile.
  for (const auto& wish : asked_.lanes)
    if (const auto known = lanes_.find(wish.key); known != lanes_.end())
      known->second.hidden = false;
  for (auto& read : found.lanes) {
    auto& into = lane_of(read.key, read.in_order);
    into.hidden = false; // for what follows
    const auto last = read.jobs.empty() ? queue_place{} : read.jobs.back().place();
    queue_place taken_to{};
    for (auto& job : read.jobs) {
      if (into.hidden) { // there is no room for the rest: it stays in the store, behind the horizon
        into.horizon = std::min(into.horizon, taken_to);
        break;
      }
      taken_to = job.place();
      if (ended_since_refill_.contains(job.id))
        continue;
      if (!known_.contains(job.id))
        insert_due(std::move(job));
    }
    if (read.more) {
      // Not further than was read, though more was known before: what became due since may lie between.
      into.horizon = into.hidden ? std::min(into.horizon, last) : last;
      into.hidden = true;
    }
  }
  const auto again = std::exchange(left_, {});
  for (const auto& key : again)
    if (const auto known = lanes_.find(key); known != lanes_.end()) {
      known->second.hidden = true; // the refill may have been read before they were written
      known->second.horizon = {};
    }
  const auto look_at = [this](const std::string& key) {
    const auto known = lanes_.find(key);
    if (known == lanes_.end())
      return;
    note_hunger(known->second);
    retire(known->second);
  };
  for (const auto& wish : asked_.lanes)
    look_at(wish.key);
  for (const auto& read : found.lanes)
    look_at(read.key);
  for (const auto& key : again)
    look_at(key);
  if (asked_.search) {
    searched_to_ = found.searched_to;
    searching_ = !found.searched_all;
  }
  if (std::exchange(search_again_, false) || found.due_cut) {
    searching_ = true; // also if too many became due to name their lanes: all are looked through
    searched_to_.clear();
  }
  if (found.next_run_at != no_time)
    store_next_ = store_next_ == no_time ? found.next_run_at : std::min(store_next_, found.next_run_at);
  ended_since_refill_.clear();
  advance(now);
}

void group_lanes::refill_failed(timestamp now) {
  refilling_ = false;
  check_due_ = check_due_ || asked_.due_since != no_time;
  for (const auto& wish : asked_.lanes)
    if (lanes_.contains(wish.key))
      hungry_.insert(wish.key);
  left_.clear();
  ended_since_refill_.clear();
  pause_until_ = now + std::chrono::seconds(1);
}

} // namespace penstock::actors
