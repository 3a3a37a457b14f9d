#include "actors/queue_engine.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/spdlog.h>

#include "core/duration_text.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;
namespace json = boost::json;

/// A commit that the database could not take is tried again after this, without end: its results exist nowhere else.
constexpr duration commit_pause = std::chrono::milliseconds(250);

/// What fails for good is told as an event; a failure that is tried again stands here alone.
void log_retry(const ready_job& job, const attempt_end& end, timestamp now) {
  if (end.outcome != attempt_outcome::retry && end.outcome != attempt_outcome::postponed)
    return;
  if (!end.failure || end.failure->code == error_code::conflict)
    return;
  spdlog::warn("job {} ({}) is tried again in {}: {}", to_string(job.id), job.kind,
               format_duration(std::chrono::duration_cast<std::chrono::seconds>(end.run_again_at - now)),
               end.failure->message);
}

json::object about(const ready_job& job) {
  return {{"job_id", to_string(job.id)}, {"kind", job.kind}, {"queue", job.queue}};
}

} // namespace

queue_engine::queue_engine(queue_rules rules, const job_kind_catalogue& kinds, const wall_clock& clock,
                           random_source& random, queue_effects& effects)
  : rules_(std::move(rules)), kinds_(kinds), clock_(clock), random_(random), effects_(effects),
    window_(rules_.window), slots_(rules_.concurrency) {}

handler_style queue_engine::style_of(const ready_job& job) const noexcept {
  const auto* kind = kinds_.find(job.kind);
  return kind ? kind->style : handler_style::process;
}

slot_claim queue_engine::claim_record(std::uint16_t slot, const std::vector<ready_job>& jobs) const {
  slot_claim record{rules_.name, slot, slots_.at(slot).alone, {}, {}};
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
    window_.add(std::move(job), now);
  dispatch();
}

void queue_engine::refilled(std::vector<ready_job> jobs, bool more, timestamp next_run_at) {
  window_.refill_arrived(std::move(jobs), more, next_run_at, clock_.now());
  dispatch();
}

void queue_engine::refill_failed() { window_.refill_failed(clock_.now()); }

bool queue_engine::has_runnable() {
  while (window_.has_due()) {
    if (!groups_.closed_for(window_.first()))
      return true;
    groups_.wait(window_.take());
  }
  return false;
}

ready_job queue_engine::take() {
  auto job = window_.take();
  groups_.enter(job);
  return job;
}

void queue_engine::leave_groups(const std::vector<ready_job>& jobs) {
  const auto now = clock_.now();
  for (const auto& job : jobs)
    for (auto& other : groups_.leave(job)) {
      window_.forget(other.id);
      window_.add(std::move(other), now);
    }
}

std::vector<ready_job> queue_engine::take_batch() {
  std::vector<ready_job> batch;
  const auto is_brief = [this](const ready_job& job) {
    const auto* kind = kinds_.find(job.kind);
    return kind && kind->brief;
  };
  if (!is_brief(window_.first())) {
    batch.push_back(take());
    return batch;
  }
  // Brief jobs share a hand-over, but never so many that another free slot would go without.
  const auto sharing = std::max<std::size_t>(1, slots_.free_count());
  const auto most = std::clamp<std::size_t>((window_.due_count() + sharing - 1) / sharing, 1, rules_.max_batch);
  batch.reserve(most);
  while (batch.size() < most && has_runnable() && is_brief(window_.first()))
    batch.push_back(take());
  return batch;
}

void queue_engine::dispatch() {
  const auto now = clock_.now();
  window_.advance(now);
  if (suspect_ && slots_.all_free())
    claim_suspect();
  while (!suspect_ && may_claim() && has_runnable()) {
    const auto slot = slots_.first_free();
    if (!slot)
      break;
    claim(*slot, take_batch());
  }
  if (known_to_store_ && !draining_ && window_.wants_refill())
    effects_.refill(window_.start_refill(now));
}

// -- a slot's turn: claim, start, settle ------------------------------------------------------------------------------

void queue_engine::claim(std::uint16_t slot, std::vector<ready_job> jobs) {
  auto& place = slots_.at(slot);
  place.now = phase::claiming;
  place.next = std::move(jobs);
  send({slot, false, false, {}}, {}, {claim_record(slot, place.next)});
}

void queue_engine::release(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  const auto given_up = std::exchange(place.next, {});
  for (const auto& job : given_up)
    window_.forget(job.id);
  leave_groups(given_up);
  place.now = phase::settling;
  place.alone = false;
  place.cancelled.clear();
  send({slot, true, true, {}}, {}, {claim_record(slot, {})});
}

void queue_engine::start(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  if (draining_) {
    release(slot); // the node began to stop while the claim was written: nothing started, nothing is lost
    return;
  }
  place.now = phase::running;
  place.jobs = std::exchange(place.next, {});
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
    longest = std::max(longest, policy_of(job, kinds_.find(job.kind)).timeout);
    if (live_wanted_)
      publish_live("job.started", job, json::serialize(about(job)));
  }
  place.deadline = place.running_since + longest;
  effects_.start(style_of(place.jobs.front()), {slot, place.turn}, place.jobs);
}

void queue_engine::work_done(actors::work_done& done) {
  auto* place = slots_.running(done.turn);
  if (!place || done.results.size() != place->jobs.size()) {
    std::erase(stuck_, done.turn); // an abandoned worker's late answer: its attempt has been settled without it
    return;
  }
  effects_.finished(style_of(place->jobs.front()), done.turn);
  for (std::size_t i = 0; i < done.results.size(); ++i) {
    auto& result = done.results[i];
    if (place->stop == stop_reason::timed_out && (result.failed || result.cancelled)) {
      result.cancelled = false;
      result.failed = error{error_code::timed_out, "the handler did not end within its timeout"};
    }
    place->mark_if_cancelled(place->jobs[i].id, result);
  }
  settle_turn(done.turn.slot, std::move(done.results));
}

void queue_engine::settle_turn(std::uint16_t slot, std::vector<work_result> results) {
  auto& place = slots_.at(slot);
  const auto now = clock_.now();
  open_commit commit{slot, true, false, {}};
  std::vector<unit_of_work> units;
  units.reserve(results.size());
  place.started_at.clear();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& job = place.jobs[i];
    if (results.size() > 1) {
      // Brief jobs of one hand-over share their times, microseconds apart: the store ends them with one statement.
      results[i].started_at = results.front().started_at;
      results[i].finished_at = now;
    }
    place.started_at.push_back(results[i].started_at);
    if (place.stop == stop_reason::shutdown && results[i].failed && !results[i].cancelled) {
      units.push_back(hand_back_unit(job, now));
      ++handed_back_;
    } else {
      units.push_back(settle(job, policy_of(job, kinds_.find(job.kind)), std::move(results[i]), now, random_));
    }
    if (place.alone)
      units.back().changes.push_back(clear_suspect{job.id});
    log_retry(job, *units.back().ends, now);
    commit.of.push_back(i);
  }
  place.now = phase::settling;
  place.cancelled.clear();
  window_.advance(now);
  if (may_claim() && !place.alone && !suspect_ && has_runnable())
    place.next = take_batch();
  send(std::move(commit), std::move(units), {claim_record(slot, place.next)});
}

void queue_engine::settled(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  const auto now = clock_.now();
  for (const auto& job : place.jobs) {
    window_.forget(job.id);
    progress_.forget(job.id);
  }
  leave_groups(place.jobs);
  ended_total_ += place.jobs.size();
  ended_.add(place.jobs.size(), now);
  const bool was_suspect = std::exchange(place.alone, false);
  const auto first = place.jobs.empty() ? job_id{} : place.jobs.front().id;
  place.jobs.clear();
  if (const bool claimed = std::exchange(place.next_is_claimed, true); !place.next.empty()) {
    if (claimed)
      start(slot);
    else
      claim(slot, std::exchange(place.next, {}));
  } else {
    place.now = phase::free;
    if (was_suspect)
      effects_.suspect_done(first);
  }
  dispatch();
}

// -- commits ----------------------------------------------------------------------------------------------------------

void queue_engine::send(open_commit commit, std::vector<unit_of_work> units, std::vector<slot_claim> claims) {
  const auto token = ++last_token_;
  open_commits_.emplace(token, std::move(commit));
  effects_.commit(token, std::move(units), std::move(claims));
}

void queue_engine::committed(commit_answer& answer) {
  const auto found = open_commits_.find(answer.token);
  if (found == open_commits_.end())
    return; // a progress write
  if (answer.failed) {
    delayed_commits_.emplace(clock_.now() + commit_pause,
                             delayed_commit{answer.token, std::move(answer.returned), std::move(answer.returned_claims)});
    return;
  }
  const auto commit = std::move(found->second);
  open_commits_.erase(found);
  if (answer.claims_failed)
    slots_.at(commit.slot).next_is_claimed = false;
  if (live_wanted_)
    for (std::size_t i = 0; i < commit.of.size(); ++i)
      if (answer.units[i].ended_as == job_state::completed) {
        const auto& job = slots_.at(commit.slot).jobs[commit.of[i]];
        publish_live("job.completed", job, json::serialize(about(job)));
      }
  if (!answer.not_claimed.empty()) [[unlikely]]
    drop_unclaimed(commit.slot, answer.not_claimed);
  if (!commit.ends && slots_.at(commit.slot).next.empty()) [[unlikely]] {
    claimed_nothing(commit.slot, answer.not_claimed);
  } else if (!commit.ends) {
    start(commit.slot);
    dispatch();
  } else if (!commit.second && std::any_of(answer.units.begin(), answer.units.end(),
                                           [](const unit_result& unit) { return !unit.ok(); })) {
    settle_refusals(commit.slot, commit, answer.units);
  } else {
    settled(commit.slot); // refused twice: the job is not ours any more (cancelled, removed)
  }
}

void queue_engine::settle_refusals(std::uint16_t slot, const open_commit& commit,
                                   const std::vector<unit_result>& results) {
  auto& place = slots_.at(slot);
  open_commit again{slot, true, true, {}};
  std::vector<unit_of_work> units;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok())
      continue;
    const auto index = commit.of[i];
    const auto& job = place.jobs[index];
    units.push_back(settle_refused(job, policy_of(job, kinds_.find(job.kind)), *results[i].refused,
                                   place.started_at[index], clock_.now(), random_));
    if (place.alone)
      units.back().changes.push_back(clear_suspect{job.id});
    again.of.push_back(index);
  }
  send(std::move(again), std::move(units), {});
}

} // namespace penstock::actors
