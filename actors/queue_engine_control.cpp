// The queue's dealings with time, people and shutdown; the way of a job is in queue_engine.cpp.
#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "actors/queue_engine.hpp"
#include "core/group_path.hpp"
#include "core/id_text.hpp"
#include "core/rate_text.hpp"

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;
namespace json = boost::json;

timestamp earlier(timestamp a, timestamp b) noexcept {
  if (a == no_time || b == no_time)
    return a == no_time ? b : a;
  return std::min(a, b);
}

std::string progress_data(const ready_job& job, const progress& value) {
  json::object data{{"job_id", to_string(job.id)},
                    {"kind", job.kind},
                    {"queue", job.queue},
                    {"stage", value.stage},
                    {"message", value.message}};
  if (value.percent)
    data["percent"] = *value.percent;
  if (value.done)
    data["done"] = *value.done;
  if (value.total)
    data["total"] = *value.total;
  if (value.remaining)
    data["remaining_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*value.remaining).count();
  return json::serialize(data);
}

} // namespace

void queue_engine::wake() {
  const auto now = clock_.now();
  while (!delayed_commits_.empty() && delayed_commits_.begin()->first <= now) {
    auto again = std::move(delayed_commits_.begin()->second);
    delayed_commits_.erase(delayed_commits_.begin());
    effects_.commit(again.token, std::move(again.units), std::move(again.claims));
  }
  for (const auto& [job, value] : progress_.take_due(now))
    write_progress_of(job, value);
  stop_overdue(now);
  dispatch();
}

timestamp queue_engine::next_wake() const noexcept {
  auto next = slots_.next_deadline();
  if (!delayed_commits_.empty())
    next = earlier(next, delayed_commits_.begin()->first);
  next = earlier(next, progress_.next_due());
  // A due job that no slot can take is woken by the slot; one that is to come needs a timer.
  return draining_ ? next : earlier(next, waiting_.next_wake(clock_.now()));
}

void queue_engine::stop_overdue(timestamp now) {
  for (const auto slot : slots_.overdue(now)) {
    auto& place = slots_.at(slot);
    const auto style = style_of(place.jobs.front());
    const slot_turn turn{slot, place.turn};
    if (style != handler_style::process && !place.stop) {
      place.stop = stop_reason::timed_out;
      place.deadline = now + rules_.stop_grace;
      effects_.stop(style, turn, stop_reason::timed_out);
    } else {
      // A busy handler cannot be stopped in C++: its slot is freed, its result will be ignored, and it is counted.
      if (style == handler_style::process)
        stuck_.push_back(turn);
      effects_.abandon(style, turn);
      abandon(slot, {error_code::timed_out, "the handler did not end within its timeout and was left behind"});
    }
  }
}

void queue_engine::abandon(std::uint16_t slot, const error& why) {
  auto& place = slots_.at(slot);
  ++place.turn; // whatever the worker still says is of an older turn
  std::vector<work_result> results(place.jobs.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].failed = why;
    place.mark_if_cancelled(place.jobs[i].id, results[i]);
  }
  settle_turn(slot, std::move(results));
}

void queue_engine::pause(bool paused) {
  rules_.paused = paused;
  dispatch();
}

void queue_engine::hold(bool held) {
  rules_.held = held;
  dispatch();
}

void queue_engine::close(bool closed) {
  closed_ = closed;
  dispatch();
}

job_id queue_engine::run_one() {
  const auto now = clock_.now();
  waiting_.advance(now);
  const auto slot = slots_.idle();
  if (rules_.held || closed_ || draining_ || suspect_ || !slot || !waiting_.has_next(now))
    return {};
  std::vector<ready_job> one;
  one.push_back(waiting_.take(now));
  const auto id = one.front().id;
  slots_.at(*slot).by_hand = true;
  claim(*slot, std::move(one));
  return id;
}

void queue_engine::run_suspect(ready_job job) {
  waiting_.hold(job);
  suspect_ = std::move(job);
  dispatch();
}

void queue_engine::claim_suspect() {
  waiting_.enter(*suspect_, clock_.now());
  std::vector<ready_job> alone;
  alone.push_back(std::move(*suspect_));
  suspect_.reset();
  slots_.at(0).alone = true;
  claim(0, std::move(alone));
}

/// A person cancelled it before its turn came: the store has ended it.
void queue_engine::give_up_suspect() {
  const auto job = std::move(*suspect_);
  suspect_.reset();
  waiting_.left(job);
  unit_of_work unit;
  unit.changes.push_back(clear_suspect{job.id});
  std::vector<unit_of_work> units;
  units.push_back(std::move(unit));
  effects_.commit(++last_token_, std::move(units), {}); // if it fails, the next recovery clears it
  effects_.suspect_done(job.id);
  dispatch();
}

void queue_engine::cancel(job_id job, std::string reason, bool stored) {
  const auto slot = slots_.slot_holding(job);
  if (!slot) {
    if (!stored) {
      if (auto* place = slots_.giving_up(job))
        place->cancelled.emplace(job, std::move(reason));
      else // it waits again, or has ended: whoever cancels looks again, and the store may yet refuse
        cancel_ahead(job, std::move(reason));
      return;
    }
    if (suspect_ && suspect_->id == job)
      give_up_suspect();
    else
      waiting_.drop(job);
    slots_.forget_given_up(job);
    return;
  }
  auto& place = slots_.at(*slot);
  const bool is_next =
    std::any_of(place.next.begin(), place.next.end(), [job](const auto& each) { return each.id == job; });
  if (!is_next && place.now != phase::running)
    return; // its end is being written already
  if (!place.cancelled.emplace(job, std::move(reason)).second)
    return; // told already
  // Brief jobs that share a hand-over are over in a moment: the others' results must not go with this one's.
  if (is_next || place.stop || place.jobs.size() > 1)
    return;
  place.stop = stop_reason::cancelled;
  place.deadline = std::min(place.deadline, clock_.now() + rules_.stop_grace);
  effects_.stop(style_of(place.jobs.front()), {*slot, place.turn}, stop_reason::cancelled);
}

void queue_engine::drain() {
  draining_ = true;
  tend_open_slots(clock_.now());
}

void queue_engine::hand_back() {
  draining_ = true;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto slot = static_cast<std::uint16_t>(i);
    auto& place = slots_.at(slot);
    if (place.now != phase::running)
      continue;
    const auto style = style_of(place.jobs.front());
    place.stop = stop_reason::shutdown;
    effects_.stop(style, {slot, place.turn}, stop_reason::shutdown);
    effects_.abandon(style, {slot, place.turn});
    abandon(slot, {error_code::unavailable, "handed back: the node stops"});
  }
  tend_open_slots(clock_.now());
}

void queue_engine::progressed(const progress_report& report) {
  if (!slots_.running(report.turn))
    return;
  const auto& jobs = slots_.at(report.turn.slot).jobs;
  const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const ready_job& each) { return each.id == report.job; });
  if (job == jobs.end())
    return;
  const auto now = clock_.now();
  const auto value = completed_estimates(report.value, slots_.at(report.turn.slot).running_since, now);
  if (live_wanted_)
    publish_live("job.progress", *job, progress_data(*job, value));
  if (progress_.offer(report.job, value, now))
    write_progress_of(report.job, value);
}

void queue_engine::held_off(const hold_off_report& report) {
  if (!slots_.running(report.turn))
    return;
  const auto& jobs = slots_.at(report.turn.slot).jobs;
  const auto job = std::find_if(jobs.begin(), jobs.end(), [&](const ready_job& each) { return each.id == report.job; });
  const auto credential = job == jobs.end() ? std::string_view{} : group_path::credential(job->group_key);
  if (credential.empty())
    return;
  const block_group block{std::string(credential), clock_.now() + report.wait};
  waiting_.block(block.prefix, block.until);
  unit_of_work unit;
  unit.changes.push_back(block);
  std::vector<unit_of_work> units;
  units.push_back(std::move(unit));
  effects_.commit(++last_token_, std::move(units), {}); // if it fails, the attempt's end says it again
}

void queue_engine::write_progress_of(job_id job, const progress& value) {
  unit_of_work unit;
  unit.changes.push_back(write_progress{job, value});
  std::vector<unit_of_work> units;
  units.push_back(std::move(unit));
  effects_.commit(++last_token_, std::move(units), {}); // its answer matters to nobody: the next report replaces it
}

void queue_engine::publish_live(const char* type, const ready_job& job, std::string data) {
  event live;
  live.type = type;
  live.source = rules_.event_source;
  live.subject = "executions/" + to_string(job.id);
  live.time = clock_.now();
  live.data = std::move(data);
  live.integration = job.integration;
  live.organisation = job.organisation;
  effects_.publish(std::move(live));
}

queue_state queue_engine::state(bool with_history) const {
  queue_state shown;
  shown.name = rules_.name;
  shown.concurrency = rules_.concurrency;
  shown.paused = rules_.paused;
  if (rules_.limit)
    shown.limit = format_rate(*rules_.limit);
  shown.draining = draining_;
  shown.closed = closed_;
  shown.active = slots_.active_jobs();
  shown.ended_total = ended_total_;
  shown.stuck_workers = stuck_.size();
  shown.last_ended_at = last_ended_at_;
  shown.began_at = began_at_;
  shown.commits_delayed = delayed_commits_.size();
  if (with_history)
    shown.history.assign(history_.minutes().begin(), history_.minutes().end());
  shown.throughput_per_minute = static_cast<double>(ended_.total(clock_.now()));
  return shown;
}

} // namespace penstock::actors
