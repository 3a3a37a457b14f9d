// How a turn of a slot ends: results become units of work, which are committed with the claim of what comes next.
#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/spdlog.h>

#include "actors/queue_engine.hpp"
#include "core/duration_text.hpp"
#include "core/failure_field.hpp"
#include "core/group_path.hpp"
#include "core/id_text.hpp"

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;
namespace json = boost::json;

/// A commit that the database could not take is tried again after this, without end: its results exist nowhere else.
constexpr duration commit_pause = std::chrono::milliseconds(250);

/// How long a credential is left alone after a 429 that names no time.
constexpr duration unnamed_hold_off = std::chrono::seconds(5);

/// How long a job waits whose end, good or bad, the database would not take.
constexpr duration unstored_pause = std::chrono::minutes(1);

bool is_trouble_of_storage(error_code code) noexcept {
  return code == error_code::storage_busy || code == error_code::storage_full || code == error_code::storage_failed;
}

/// What fails for good is told as an event; a failure that is tried again stands here alone.
void log_retry(const ready_job& job, const attempt_end& end, timestamp now) {
  if (end.outcome != attempt_outcome::retry && end.outcome != attempt_outcome::postponed)
    return;
  if (!end.failure || end.failure->code == error_code::conflict)
    return;
  const auto id = to_string(job.id);
  const auto what = job.kind + (job.integration ? " of integration " + to_string(job.integration) : std::string());
  const auto pause = format_duration(std::chrono::duration_cast<std::chrono::seconds>(end.run_again_at - now));
  if (end.outcome == attempt_outcome::postponed)
    spdlog::warn("job {} ({}) is put off for {}: {}", id, what, pause, end.failure->message);
  else
    spdlog::log(spdlog::source_loc{failure_field, 1, failure_retried}, spdlog::level::err,
                "job {} ({}) failed at attempt {} and is tried again in {}: {}", id, what, end.attempts + 1, pause,
                end.failure->message);
}

json::object about(const ready_job& job) {
  return {{"job_id", to_string(job.id)}, {"kind", job.kind}, {"queue", job.queue}};
}

} // namespace

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
      units.push_back(settle(job, policy(job), std::move(results[i]), now, random_));
    }
    if (place.alone)
      units.back().changes.push_back(clear_suspect{job.id});
    add_group_changes(job, units.back());
    log_retry(job, *units.back().ends, now);
    commit.of.push_back(i);
  }
  place.now = phase::settling;
  place.cancelled.clear();
  waiting_.advance(now);
  if (may_claim() && !place.alone && !suspect_ && waiting_.has_next(now))
    place.next = take_batch();
  auto record = claim_record(slot, place.next);
  if (place.next.empty() && !place.alone && may_leave_open(now))
    record.leaves_open = place.open_as = ++last_open_;
  send(std::move(commit), std::move(units), {std::move(record)});
}

void queue_engine::add_group_changes(const ready_job& job, unit_of_work& unit) {
  const auto credential = group_path::credential(job.group_key);
  if (credential.empty()) [[likely]]
    return;
  const auto& failure = unit.ends->failure;
  if (failure && failure->code == error_code::rate_limited) {
    const auto until = clock_.now() + failure->retry_after.value_or(unnamed_hold_off);
    waiting_.block(std::string(credential), until);
    unit.changes.push_back(block_group{std::string(credential), until});
  }
  const auto* kind = kinds_.find(job.kind);
  const auto calls = std::ssize(unit.exchanges);
  if (!kind || calls == 0)
    return;
  if (kind->budget && calls > 1) // one was paid for with the claim
    unit.changes.push_back(spend_tokens{group_limit_name(credential), *kind->budget, calls - 1});
  if (kind->pause_after) { // of a run each counts its own; what belongs to none counts together
    unit.changes.push_back(count_calls{std::string(credential), job.run, calls, *kind->pause_after});
    waiting_.count_calls_of(job);
  }
}

void queue_engine::note_ends(const open_commit& commit, const std::vector<unit_result>& results) {
  std::uint64_t completed = 0, failed = 0;
  for (std::size_t i = 0; i < commit.of.size(); ++i) {
    completed += results[i].ended_as == job_state::completed ? 1 : 0;
    failed += results[i].ended_as == job_state::failed ? 1 : 0;
  }
  if (completed + failed == 0)
    return;
  last_ended_at_ = clock_.now();
  history_.add(completed, failed, last_ended_at_);
}

void queue_engine::settled(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  const auto now = clock_.now();
  const auto first = !place.jobs.empty()       ? place.jobs.front().id
                     : !place.given_up.empty() ? place.given_up.front().id
                                               : job_id{};
  for (const auto& job : place.jobs) {
    waiting_.left(job);
    progress_.forget(job.id);
  }
  for (auto& job : std::exchange(place.given_up, {})) {
    progress_.forget(job.id);
    if (auto told = place.cancelled.extract(job.id)) { // by a person, while its claim was taken back
      cancel_waiting(job, told.mapped());
      continue;
    }
    waiting_.left(job);
    if (!draining_)
      waiting_.add(std::move(job), now);
  }
  if (place.next.empty())
    place.cancelled.clear();
  ended_total_ += place.jobs.size();
  ended_.add(place.jobs.size(), now);
  const bool was_suspect = std::exchange(place.alone, false);
  place.jobs.clear();
  if (const bool claimed = std::exchange(place.next_is_claimed, true); !place.next.empty()) {
    if (claimed)
      start(slot);
    else
      claim(slot, std::exchange(place.next, {}));
  } else if (std::exchange(place.record_is_stale, false)) [[unlikely]] {
    claim(slot, {});
  } else {
    place.now = place.open_as != 0 ? phase::open : phase::free;
    if (was_suspect)
      effects_.suspect_done(first);
  }
  dispatch();
}

// -- commits ----------------------------------------------------------------------------------------------------------

void queue_engine::send(open_commit commit, std::vector<unit_of_work> units, std::vector<slot_claim> claims) {
  const auto token = ++last_token_;
  if (auto spends = waiting_.take_spendings(); !spends.empty()) {
    auto& unit = units.emplace_back();
    unit.changes.assign(spends.begin(), spends.end());
    commit.spends = std::move(spends);
  }
  open_commits_.emplace(token, std::move(commit));
  effects_.commit(token, std::move(units), std::move(claims));
}

void queue_engine::committed(commit_answer& answer) {
  const auto found = open_commits_.find(answer.token);
  if (found == open_commits_.end())
    return; // a progress write
  if (answer.failed) {
    if (found->second.is_void)
      answer.returned_claims.clear();
    if (draining_ && (!found->second.ends || found->second.of.empty()) && give_up(found->second, answer)) {
      open_commits_.erase(found);
      return;
    }
    delayed_commits_.emplace(clock_.now() + commit_pause, delayed_commit{answer.token, std::move(answer.returned),
                                                                         std::move(answer.returned_claims)});
    return;
  }
  const auto commit = std::move(found->second);
  open_commits_.erase(found);
  if (answer.claims_failed && !commit.is_void) {
    auto& place = slots_.at(commit.slot);
    place.next_is_claimed = place.next.empty();
    place.open_as = 0;
  }
  if (!commit.spends.empty() && answer.units.size() > commit.of.size() && answer.units[commit.of.size()].ok())
    for (std::size_t i = 0; i < commit.spends.size(); ++i)
      waiting_.learned(commit.spends[i], answer.units[commit.of.size()].created, 3 * i, clock_.now());
  if (commit.is_void) {
    if (const auto job = being_cancelled_.extract(answer.token))
      waiting_.left(job.mapped().job);
    if (std::any_of(answer.units.begin(), answer.units.end(), [](const unit_result& unit) { return !unit.ok(); }))
      look_again(); // a job was not cancelled, and waits
    return;
  }
  if (!commit.ends && !commit.opens)
    slots_.at(commit.slot).open_as = 0; // taken back, if it was open
  note_ends(commit, answer.units);
  if (live_wanted_)
    for (std::size_t i = 0; i < commit.of.size(); ++i)
      if (answer.units[i].ended_as == job_state::completed) {
        const auto& job = slots_.at(commit.slot).jobs[commit.of[i]];
        publish_live("job.completed", job, json::serialize(about(job)));
      }
  if (!answer.not_claimed.empty()) [[unlikely]]
    drop_unclaimed(commit.slot, answer.not_claimed);
  if (!commit.ends && slots_.at(commit.slot).next.empty()) {
    claimed_nothing(commit.slot, answer.not_claimed);
  } else if (!commit.ends) {
    auto& place = slots_.at(commit.slot);
    if (std::exchange(place.next_is_claimed, true))
      start(commit.slot);
    else // what was spent is stored, the claim is not
      claim(commit.slot, std::exchange(place.next, {}));
    dispatch();
  } else if (const auto ends = answer.units.begin(), last = ends + static_cast<std::ptrdiff_t>(commit.of.size());
             !commit.second && std::any_of(ends, last, [](const unit_result& unit) { return !unit.ok(); })) {
    settle_refusals(commit.slot, commit, answer.units);
  } else {
    keep_unstored(commit, answer.units);
    settled(commit.slot);
  }
}

/// A job whose end was refused twice is not ours any more (cancelled, removed), unless the database had trouble both
/// times: then it still waits in the store, and must here.
void queue_engine::keep_unstored(const open_commit& commit, const std::vector<unit_result>& results) {
  auto& place = slots_.at(commit.slot);
  for (std::size_t i = 0; i < commit.of.size(); ++i) {
    const auto& result = results[i];
    if (result.ok() || !is_trouble_of_storage(result.refused->code)) [[likely]]
      continue;
    auto job = place.jobs[commit.of[i]];
    spdlog::error("the end of job {} could not be stored twice ({}): it runs again in a minute", to_string(job.id),
                  result.refused->message);
    job.run_at = clock_.now() + unstored_pause;
    place.given_up.push_back(std::move(job));
  }
  if (place.given_up.empty()) [[likely]]
    return;
  std::vector<ready_job> ended;
  for (const auto& job : place.jobs)
    if (std::none_of(place.given_up.begin(), place.given_up.end(),
                     [&](const auto& other) { return other.id == job.id; }))
      ended.push_back(job);
  place.jobs = shared_jobs(std::move(ended));
}

void queue_engine::settle_refusals(std::uint16_t slot, const open_commit& commit,
                                   const std::vector<unit_result>& results) {
  auto& place = slots_.at(slot);
  const auto now = clock_.now();
  open_commit again{slot, true, true, {}};
  std::vector<unit_of_work> units;
  std::vector<ready_job> left;
  std::vector<timestamp> left_started_at;
  for (std::size_t i = 0; i < commit.of.size(); ++i) {
    const auto index = commit.of[i];
    const auto& job = place.jobs[index];
    if (results[i].ok()) {
      // It is over for this one: if it waits again, the news of that come next, and must not find it here.
      waiting_.left(job);
      progress_.forget(job.id);
      continue;
    }
    units.push_back(settle_refused(job, policy(job), *results[i].refused, place.started_at[index], now, random_));
    if (place.alone)
      units.back().changes.push_back(clear_suspect{job.id});
    again.of.push_back(left.size());
    left.push_back(job);
    left_started_at.push_back(place.started_at[index]);
  }
  const auto over = place.jobs.size() - left.size();
  ended_total_ += over;
  ended_.add(over, now);
  place.jobs = shared_jobs(std::move(left));
  place.started_at = std::move(left_started_at);
  send(std::move(again), std::move(units), {});
  dispatch(); // what was over may have opened its group
}

} // namespace penstock::actors
