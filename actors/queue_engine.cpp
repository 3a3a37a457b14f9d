#include "actors/queue_engine.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;
namespace json = boost::json;

json::object about(const ready_job& job) {
  return {{"job_id", to_string(job.id)}, {"kind", job.kind}, {"queue", job.queue}};
}

} // namespace

queue_engine::queue_engine(queue_rules rules, const job_kind_catalogue& kinds, const wall_clock& clock,
                           random_source& random, queue_effects& effects)
    : rules_(std::move(rules)), kinds_(kinds), clock_(clock), random_(random), effects_(effects),
      waiting_({rules_.name, rules_.window, rules_.limit, rules_.groups}, kinds, clock.now()),
      slots_(rules_.concurrency), began_at_(clock.now()), last_open_(std::uint64_t{rules_.life} << 40) {}

handler_style queue_engine::style_of(const ready_job& job) const noexcept {
  const auto* kind = kinds_.find(job.kind);
  return kind ? kind->style : handler_style::process;
}

job_policy queue_engine::policy(const ready_job& job) const {
  auto policy = policy_of(job, kinds_.find(job.kind));
  if (rules_.timeout && !job.timeout)
    policy.timeout = *rules_.timeout;
  if (rules_.max_attempts && !job.max_attempts)
    policy.max_attempts = *rules_.max_attempts;
  if (rules_.backoff && !job.backoff)
    policy.backoff = *rules_.backoff;
  return policy;
}

slot_claim queue_engine::claim_record(std::uint16_t slot, const std::vector<ready_job>& jobs) const {
  const auto& place = slots_.at(slot);
  slot_claim record{rules_.name, slot, place.alone, {}, {}};
  record.takes_back = place.open_as;
  record.life = rules_.life;
  record.jobs.reserve(jobs.size());
  record.attempts.reserve(jobs.size());
  for (const auto& job : jobs) {
    record.jobs.push_back(job.id);
    record.attempts.push_back(job.attempts);
  }
  return record;
}

// -- what is waiting --------------------------------------------------------------------------------------------------

void queue_engine::jobs_ready(std::vector<ready_job> jobs) {
  known_to_store_ = true;
  const auto now = clock_.now();
  for (auto& job : jobs)
    waiting_.add(std::move(job), now);
  dispatch();
}

void queue_engine::refilled(std::vector<ready_job> jobs, bool more, timestamp next_run_at) {
  waiting_.window().refill_arrived(std::move(jobs), more, next_run_at, clock_.now());
  dispatch();
}

void queue_engine::refill_failed() { waiting_.window().refill_failed(clock_.now()); }

void queue_engine::lanes_refilled(storage::lane_window found) {
  for (const auto& block : found.blocks)
    waiting_.block(block.prefix, block.until);
  waiting_.lanes().refill_arrived(std::move(found), clock_.now());
  dispatch();
}

void queue_engine::lanes_refill_failed() { waiting_.lanes().refill_failed(clock_.now()); }

void queue_engine::groups_blocked(const std::vector<commit_news::block>& blocks) {
  for (const auto& block : blocks)
    waiting_.block(block.prefix, block.until);
}

std::vector<ready_job> queue_engine::take_batch() {
  std::vector<ready_job> batch;
  const auto is_brief = [this](const ready_job& job) {
    const auto* kind = kinds_.find(job.kind);
    return kind && kind->brief;
  };
  const auto now = clock_.now();
  if (!is_brief(waiting_.next())) {
    batch.push_back(waiting_.take(now));
    return batch;
  }
  const auto most = jobs_a_turn(waiting_.due_count(), std::max<std::size_t>(1, slots_.idle_count()));
  batch.reserve(most);
  while (batch.size() < most && waiting_.has_next(now) && is_brief(waiting_.next()))
    batch.push_back(waiting_.take(now));
  return batch;
}

void queue_engine::dispatch() {
  const auto now = clock_.now();
  waiting_.advance(now);
  if (suspect_ && !rules_.paused && slots_.all_free())
    claim_suspect();
  while (!suspect_ && may_claim()) {
    const auto slot = slots_.idle();
    if (!slot || !waiting_.has_next(now))
      break;
    claim(*slot, take_batch());
  }
  if (rules_.leaves_slots_open)
    tend_open_slots(now);
  if (!known_to_store_ || draining_)
    return;
  if (waiting_.window().wants_refill())
    effects_.refill(waiting_.window().start_refill(now));
  if (waiting_.lanes().wants_refill())
    effects_.refill_lanes(waiting_.lanes().start_refill(now));
}

// -- a slot's turn: claim and start; its end is in queue_engine_settle.cpp ------------------------------------------------------------------------------

void queue_engine::claim(std::uint16_t slot, std::vector<ready_job> jobs) {
  auto& place = slots_.at(slot);
  place.now = phase::claiming;
  place.next = std::move(jobs);
  send({slot, false, false, {}}, {}, {claim_record(slot, place.next)});
}

void queue_engine::release(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  place.given_up = std::exchange(place.next, {});
  place.by_hand = false;
  place.open_as = 0;
  place.now = phase::settling;
  place.alone = false;
  send({slot, true, true, {}}, {}, {claim_record(slot, {})});
}

void queue_engine::start(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  // The node began to stop, or a person paused the queue, while the claim was written, perhaps for long by a busy
  // database: nothing started, nothing is lost.
  const bool only_ends = place.next.size() == 1 && place.cancelled.contains(place.next.front().id);
  if ((draining_ || (rules_.paused && !place.by_hand)) && !only_ends) {
    if (place.alone && !draining_) { // a suspect has its turn after the pause
      suspect_ = std::move(place.next.front());
      place.next.clear();
      waiting_.left(*suspect_);
      waiting_.hold(*suspect_);
    }
    release(slot);
    return;
  }
  place.by_hand = false;
  place.open_as = 0;
  place.now = phase::running;
  place.jobs = shared_jobs(std::exchange(place.next, {}));
  place.stop.reset();
  ++place.turn;
  place.running_since = clock_.now();
  if (place.jobs.size() == 1 && place.cancelled.size() == 1) {
    std::vector<work_result> stopped(1); // a person was quicker than the claim
    place.mark_if_cancelled(place.jobs.front().id, stopped.front());
    settle_turn(slot, std::move(stopped));
    return;
  }
  duration longest{};
  for (const auto& job : place.jobs) {
    longest = std::max(longest, policy(job).timeout);
    if (live_wanted_)
      publish_live("job.started", job, json::serialize(about(job)));
  }
  place.deadline = place.running_since + longest;
  effects_.start(style_of(place.jobs.front()), {slot, place.turn}, place.jobs);
}

} // namespace penstock::actors
