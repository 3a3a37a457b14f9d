#include "actors/waiting_jobs.hpp"

#include <algorithm>
#include <utility>

namespace penstock::actors {
namespace {

timestamp earlier(timestamp a, timestamp b) noexcept {
  if (a == no_time || b == no_time)
    return a == no_time ? b : a;
  return std::min(a, b);
}

} // namespace

waiting_jobs::waiting_jobs(waiting_rules rules, const job_kind_catalogue& kinds, timestamp now)
    : rules_(std::move(rules)), window_(rules_.window), lanes_(rules_.window), gate_(rules_.groups, kinds) {
  if (rules_.limit) {
    // What the last process left in the bucket is not known before the first spending is answered: it starts empty, so
    // that no restart gives a burst away.
    limiter_.emplace(*rules_.limit, token_bucket::snapshot{0, now, no_time});
  }
}

void waiting_jobs::add(ready_job job, timestamp now) {
  if (job.group_key.empty())
    window_.add(std::move(job), now);
  else
    lanes_.add(std::move(job), now);
  next_ = nullptr;
}

void waiting_jobs::advance(timestamp now) {
  window_.advance(now);
  lanes_.advance(now);
  next_ = nullptr;
}

bool waiting_jobs::has_next(timestamp now) {
  if (!limiter_open(now)) [[unlikely]]
    return false;
  const ready_job* single = window_.has_due() ? &window_.first() : nullptr;
  next_ = single;
  next_is_grouped_ = false;
  if (lanes_.idle())
    return single != nullptr;
  const ready_job* grouped = lanes_.first(gate_, now);
  if (!grouped)
    return single != nullptr;
  if (!single || grouped->priority < single->priority ||
      (grouped->priority == single->priority && lanes_.first_turn() <= single_turn_)) {
    next_ = grouped;
    next_is_grouped_ = true;
  }
  return true;
}

ready_job waiting_jobs::take(timestamp now) {
  if (limiter_) {
    limiter_->spend(1, now);
    ++unwritten_;
  }
  next_ = nullptr;
  ++turns_;
  if (!next_is_grouped_) {
    single_turn_ = turns_;
    return window_.take();
  }
  auto job = lanes_.take(turns_);
  gate_.enter(job, now);
  return job;
}

void waiting_jobs::enter(const ready_job& job, timestamp now) {
  if (!job.group_key.empty())
    gate_.enter(job, now);
}

void waiting_jobs::left(const ready_job& job) {
  next_ = nullptr;
  if (job.group_key.empty()) {
    window_.forget(job.id);
    return;
  }
  lanes_.forget(job.id);
  for (const auto& prefix : gate_.leave(job))
    lanes_.open(prefix);
}

void waiting_jobs::hold(const ready_job& job) {
  next_ = nullptr;
  if (job.group_key.empty())
    window_.hold(job.id);
  else
    lanes_.hold(job.id);
}

void waiting_jobs::drop(job_id id) {
  next_ = nullptr;
  if (!lanes_.drop(id))
    window_.drop(id);
}

std::vector<spend_tokens> waiting_jobs::take_spendings() {
  auto all = gate_.take_spendings();
  if (unwritten_ > 0)
    all.push_back({queue_limit_name(rules_.queue), *rules_.limit, std::exchange(unwritten_, 0)});
  return all;
}

void waiting_jobs::learned(const spend_tokens& spent, const std::vector<std::int64_t>& answer, std::size_t at,
                           timestamp now) {
  if (answer.size() < at + 3)
    return;
  const token_bucket::snapshot state{answer[at], timestamp{duration{answer[at + 1]}},
                                     timestamp{duration{answer[at + 2]}}};
  next_ = nullptr;
  if (limiter_ && spent.name == queue_limit_name(rules_.queue)) {
    limiter_.emplace(*rules_.limit, state);
    if (unwritten_ > 0)
      limiter_->spend(unwritten_, now); // taken while the answer was under way
    return;
  }
  gate_.learned(spent.name.substr(group_limit_name("").size()), state);
}

timestamp waiting_jobs::next_wake(timestamp now) const noexcept {
  auto next = earlier(window_.next_due_at(), lanes_.next_wake());
  if (limiter_ && (window_.has_due() || !lanes_.idle()))
    if (const auto wait = limiter_->time_until(1, now); wait > duration::zero())
      next = earlier(next, now + wait);
  return next;
}

} // namespace penstock::actors
