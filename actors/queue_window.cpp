#include "actors/queue_window.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

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
  if (job.run_at > now)
    delayed_.emplace(order{job.run_at, job.id}, std::move(job));
  else
    insert_due(std::move(job));
}

void queue_window::insert_due(ready_job job) {
  if (!horizon_ || job.place() <= *horizon_) {
    auto& jobs = due_[lane(job)];
    jobs.emplace_hint(jobs.end(), order{job.run_at, job.id}, std::move(job)); // jobs come mostly in order
    ++due_count_;
    return;
  }
  // Others that we do not know stand before it. The store brings it in its turn; a refill that is under way may have
  // been read before this job was written.
  known_.erase(job.id);
  if (!refilling_from_)
    return;
  if (arrived_.size() < capacity_)
    arrived_.push_back(std::move(job));
  else
    note_dropped(job.place());
}

void queue_window::note_dropped(const queue_place& place) {
  if (refilling_from_)
    dropped_ = dropped_ ? std::min(*dropped_, place) : place;
}

void queue_window::shrink() {
  while (delayed_.size() > capacity_) {
    const auto last = std::prev(delayed_.end());
    store_next_ = store_next_ == no_time ? last->first.first : std::min(store_next_, last->first.first);
    known_.erase(last->first.second);
    delayed_.erase(last);
  }
  if (due_count_ <= capacity_)
    return;
  while (due_count_ > capacity_) {
    auto lowest = std::find_if(due_.rbegin(), due_.rend(), [](const auto& jobs) { return !jobs.empty(); });
    const auto last = std::prev(lowest->end());
    note_dropped(last->second.place());
    known_.erase(last->first.second);
    lowest->erase(last);
    --due_count_;
  }
  const auto lowest = std::find_if(due_.rbegin(), due_.rend(), [](const auto& jobs) { return !jobs.empty(); });
  horizon_ = lowest == due_.rend() ? queue_place{} : std::prev(lowest->end())->second.place();
}

void queue_window::drop_behind(const queue_place& place) {
  for (std::size_t priority = place.priority; priority < due_.size(); ++priority) {
    auto& jobs = due_[priority];
    const auto from = priority == place.priority ? jobs.upper_bound({place.run_at, place.id}) : jobs.begin();
    for (auto each = from; each != jobs.end(); ++each)
      known_.erase(each->first.second);
    due_count_ -= static_cast<std::size_t>(std::distance(from, jobs.end()));
    jobs.erase(from, jobs.end());
  }
}

void queue_window::advance(timestamp now) {
  while (!delayed_.empty() && delayed_.begin()->first.first <= now)
    insert_due(std::move(delayed_.extract(delayed_.begin()).mapped()));
  if (store_next_ != no_time && store_next_ <= now) {
    from_front_ = true;
    store_next_ = no_time;
  }
  if (pause_until_ != no_time && pause_until_ <= now)
    pause_until_ = no_time;
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
  if (refilling_from_)
    ended_since_refill_.insert(id);
}

void queue_window::drop(job_id id) {
  const auto is_it = [id](const auto& entry) { return entry.first.second == id; };
  const auto drop_from = [&](auto& jobs) {
    const auto found = std::find_if(jobs.begin(), jobs.end(), is_it);
    if (found == jobs.end())
      return false;
    jobs.erase(found);
    return true;
  };
  if (known_.contains(id)) {
    if (std::any_of(due_.begin(), due_.end(), drop_from))
      --due_count_;
    else
      drop_from(delayed_);
  }
  std::erase_if(arrived_, [id](const ready_job& job) { return job.id == id; });
  forget(id);
}

timestamp queue_window::next_due_at() const noexcept {
  timestamp next = delayed_.empty() ? no_time : delayed_.begin()->first.first;
  for (const auto other : {store_next_, pause_until_})
    if (other != no_time)
      next = next == no_time ? other : std::min(next, other);
  return next;
}

bool queue_window::wants_refill() const noexcept {
  return (horizon_ || from_front_) && !refilling_from_ && pause_until_ == no_time && due_count_ <= capacity_ / 2;
}

queue_window::refill_request queue_window::start_refill(timestamp now) {
  // From the front, those that are known here or held by a slot are returned too.
  const auto from = from_front_ ? queue_place{} : horizon_.value_or(queue_place{});
  const auto limit = from == queue_place{} ? capacity_ + known_.size() : capacity_ - due_count_;
  refilling_from_ = from;
  from_front_ = false;
  ended_since_refill_.clear();
  return {from, limit, now};
}

void queue_window::refill_arrived(std::vector<ready_job> jobs, bool more, timestamp next_run_at, timestamp now) {
  horizon_.reset();
  if (more)
    horizon_ = jobs.empty() ? *refilling_from_ : jobs.back().place();
  if (dropped_ && (!horizon_ || *dropped_ <= *horizon_))
    horizon_ = queue_place{dropped_->priority, dropped_->run_at, {dropped_->id.value - 1}}; // just before it
  if (horizon_)
    drop_behind(*horizon_);
  refilling_from_.reset();
  dropped_.reset();
  const auto take = [&](ready_job& job) {
    if (!ended_since_refill_.contains(job.id) && known_.insert(job.id).second)
      insert(std::move(job), now);
  };
  std::for_each(jobs.begin(), jobs.end(), take);
  ended_since_refill_.clear(); // what came meanwhile may have ended and come again
  auto arrived = std::exchange(arrived_, {});
  std::for_each(arrived.begin(), arrived.end(), take);
  // Even if the next one is known here: those behind it may not be, and only the store can tell.
  if (next_run_at != no_time)
    store_next_ = store_next_ == no_time ? next_run_at : std::min(store_next_, next_run_at);
  shrink();
}

void queue_window::refill_failed(timestamp now) {
  from_front_ = from_front_ || *refilling_from_ == queue_place{};
  refilling_from_.reset();
  dropped_.reset();
  arrived_.clear(); // they are behind the horizon still
  ended_since_refill_.clear();
  pause_until_ = now + std::chrono::seconds(1);
}

} // namespace penstock::actors
