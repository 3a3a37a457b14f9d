#include "actors/queue_window.hpp"

#include <algorithm>
#include <chrono>

namespace penstock::actors {
namespace {

std::size_t lane(const ready_job& job) noexcept { return std::min<std::size_t>(job.priority, 9); }

} // namespace

void queue_window::add(ready_job job, timestamp now) {
  if (!known_.insert(job.id).second)
    return;
  insert(std::move(job), now);
  shrink();
}

void queue_window::insert(ready_job job, timestamp now) {
  const order key{job.run_at, job.id};
  if (job.run_at > now) {
    delayed_.emplace(key, std::move(job));
    return;
  }
  auto& jobs = due_[lane(job)];
  jobs.emplace_hint(jobs.end(), key, std::move(job)); // jobs come mostly in order
  ++due_count_;
}

void queue_window::shrink() {
  while (delayed_.size() > capacity_) {
    const auto last = std::prev(delayed_.end());
    store_next_ = store_next_ == no_time ? last->first.first : std::min(store_next_, last->first.first);
    known_.erase(last->first.second);
    delayed_.erase(last);
  }
  while (due_count_ > capacity_) {
    auto lowest = std::find_if(due_.rbegin(), due_.rend(), [](const auto& jobs) { return !jobs.empty(); });
    const auto last = std::prev(lowest->end());
    known_.erase(last->first.second);
    lowest->erase(last);
    --due_count_;
    store_has_due_ = true;
  }
}

void queue_window::advance(timestamp now) {
  while (!delayed_.empty() && delayed_.begin()->first.first <= now) {
    auto node = delayed_.extract(delayed_.begin());
    due_[lane(node.mapped())].insert(std::move(node));
    ++due_count_;
  }
  if (store_next_ != no_time && store_next_ <= now) {
    store_has_due_ = true;
    store_next_ = no_time;
  }
  shrink();
}

const ready_job& queue_window::first() const {
  const auto lane = std::find_if(due_.begin(), due_.end(), [](const auto& jobs) { return !jobs.empty(); });
  return lane->begin()->second;
}

ready_job queue_window::take() {
  const auto lane = std::find_if(due_.begin(), due_.end(), [](const auto& jobs) { return !jobs.empty(); });
  auto job = std::move(lane->begin()->second);
  lane->erase(lane->begin());
  --due_count_;
  return job;
}

void queue_window::hold(job_id id) {
  drop(id);
  known_.insert(id);
}

void queue_window::forget(job_id id) {
  known_.erase(id);
  if (refilling_)
    ended_since_refill_.insert(id);
}

bool queue_window::drop(job_id id) {
  const auto is_it = [id](const auto& entry) { return entry.first.second == id; };
  const auto drop_from = [&](auto& jobs) {
    const auto found = std::find_if(jobs.begin(), jobs.end(), is_it);
    if (found == jobs.end())
      return false;
    jobs.erase(found);
    return true;
  };
  for (auto& jobs : due_)
    if (drop_from(jobs)) {
      --due_count_;
      forget(id);
      return true;
    }
  if (!drop_from(delayed_))
    return false;
  forget(id);
  return true;
}

timestamp queue_window::next_due_at() const noexcept {
  timestamp next = delayed_.empty() ? no_time : delayed_.begin()->first.first;
  if (store_next_ != no_time)
    next = next == no_time ? store_next_ : std::min(next, store_next_);
  return next;
}

bool queue_window::wants_refill() const noexcept {
  return store_has_due_ && !refilling_ && due_count_ <= capacity_ / 2;
}

std::size_t queue_window::refill_size() const noexcept { return capacity_ + known_.size(); }

void queue_window::refill_started() {
  refilling_ = true;
  store_has_due_ = false;
  store_next_ = no_time;
  ended_since_refill_.clear();
}

void queue_window::refill_arrived(std::vector<ready_job> jobs, bool more, timestamp next_run_at, timestamp now) {
  refilling_ = false;
  store_has_due_ = store_has_due_ || more;
  for (auto& job : jobs) {
    if (ended_since_refill_.contains(job.id) || !known_.insert(job.id).second)
      continue;
    insert(std::move(job), now);
  }
  ended_since_refill_.clear();
  // Even if the next one is known here: those behind it may not be, and only the store can tell.
  if (next_run_at != no_time)
    store_next_ = store_next_ == no_time ? next_run_at : std::min(store_next_, next_run_at);
  shrink();
}

void queue_window::refill_failed(timestamp now) {
  refilling_ = false;
  ended_since_refill_.clear();
  store_next_ = now + std::chrono::seconds(1);
}

} // namespace penstock::actors
