// The part of unit_executor for units that only end a plain job and enqueue jobs: nearly all there are. They share
// statements: one UPDATE for jobs that ended alike, one INSERT for many new ones.
#include <algorithm>
#include <array>
#include <unordered_map>

#include "storage/unit_executor.hpp"

namespace penstock::storage {

bool unit_executor::is_simple(const unit_of_work& unit) noexcept {
  if (!unit.expects.empty() || !unit.changes.empty() || !unit.rows.empty() || !unit.appends.empty() ||
      !unit.row_errors.empty() || !unit.cursors.empty() || !unit.events.empty() || !unit.exchanges.empty() ||
      !unit.logs.empty())
    return false;
  if (unit.ends &&
      (unit.ends->outcome != attempt_outcome::succeeded || !unit.ends->result.empty() || unit.ends->queue.empty()))
    return false;
  // A child must be counted before its parent's end is looked at, which may stand beside it.
  return std::none_of(unit.jobs.begin(), unit.jobs.end(), [](const job_request& job) { return bool{job.parent}; });
}

void unit_executor::run_simple(bool careful) {
  if (window_.empty())
    return;
  kinds_.clear();
  for (auto& each : window_) {
    *each.result = {};
    each.first_kind = kinds_.size();
    for (const auto& request : each.unit->jobs) {
      auto kind = check_request_(request);
      if (!kind) {
        each.result->refused = std::move(kind).error();
        break;
      }
      kinds_.push_back(*kind);
    }
  }
  if (in_arrays_)
    complete_in_arrays();
  else
    complete_plain(careful);

  // Those that turned out to be tied, or not to be ended at all, go their own way, after the others.
  std::vector<simple_unit> alone;
  for (auto& each : window_) {
    if (each.result->refused)
      continue;
    if (each.unit->ends && !each.ended) {
      alone.push_back(each);
      continue;
    }
    if (each.ended)
      each.result->ended_as = job_state::completed;
    enqueue_all(*each.unit, *each.result, std::span{kinds_}.subspan(each.first_kind));
  }
  window_.clear();
  for (const auto& each : alone)
    run_alone(*each.unit, *each.result);
}

void unit_executor::complete_in_arrays() {
  std::unordered_map<job_id, simple_unit*> first; // of two that end one job the first one does
  for (auto& each : window_) {
    if (!each.unit->ends || each.result->refused || !state_.slots.is_own(each.unit->ends->job))
      continue;
    const auto& end = *each.unit->ends;
    const auto queue = state_.queues.find(end.queue);
    if (!queue || !first.emplace(end.job, &each).second)
      continue;
    in_arrays_->add(end.job, *queue, end.attempts, micros(end.started_at), micros(end.finished_at));
  }
  for (const auto id : in_arrays_->run()) {
    auto& unit = *first.at(id);
    unit.ended = true;
    state_.counts.move(*state_.queues.find(unit.unit->ends->queue), job_state::waiting, job_state::completed);
  }
}

void unit_executor::complete_plain(bool careful) {
  std::array<std::int64_t, plain_inserter::rows_a_statement> jobs{};
  std::array<bool, plain_inserter::rows_a_statement> done{};
  std::array<simple_unit*, plain_inserter::rows_a_statement> units{};
  plain_completions::likeness like;
  std::size_t count = 0;
  const auto flush = [&] {
    if (count == 0)
      return;
    completions_.complete(like, std::span{jobs}.first(count), std::span{done}.first(count), careful);
    for (std::size_t i = 0; i < count; ++i)
      if ((units[i]->ended = done[i]))
        state_.counts.move(like.queue, job_state::waiting, job_state::completed);
    count = 0;
  };
  for (auto& each : window_) {
    if (!each.unit->ends || each.result->refused)
      continue;
    const auto& end = *each.unit->ends;
    const auto queue = state_.queues.find(end.queue);
    if (!queue)
      continue;
    const plain_completions::likeness wanted{*queue, end.attempts, micros(end.started_at), micros(end.finished_at)};
    if (count > 0 && wanted != like)
      flush();
    like = wanted;
    jobs[count] = end.job.value;
    units[count++] = &each;
  }
  flush();
}

} // namespace penstock::storage
