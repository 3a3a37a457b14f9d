// The part of unit_executor for units that only end a plain job and enqueue jobs: nearly all there are. They share
// statements: a few for jobs that ended alike, a few for many new ones.
#include <algorithm>
#include <array>
#include <functional>
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
    if (end.tied && !end.grouped)
      continue;
    const auto queue = state_.queues.find(end.queue);
    if (!queue || !first.emplace(end.job, &each).second)
      continue;
    in_arrays_->add({end.job, *queue, end.attempts, micros(end.started_at), micros(end.finished_at), end.grouped,
                     end.priority, micros(end.run_at)});
  }
  for (const auto id : in_arrays_->run()) {
    auto& unit = *first.at(id);
    unit.ended = true;
    state_.counts.move(*state_.queues.find(unit.unit->ends->queue), job_state::waiting, job_state::completed);
  }
}

namespace {

/// Ends that may share a statement, as they come; `complete` gets each series of like ones.
template <class Likeness, class End, class Unit>
class like_ends {
public:
  explicit like_ends(std::function<void(const Likeness&, std::span<const End>, std::span<bool>)> complete)
      : complete_(std::move(complete)) {}

  void add(const Likeness& like, const End& end, Unit& unit) {
    if (count_ > 0 && (like != like_ || count_ == ends_.size()))
      flush();
    like_ = like;
    ends_[count_] = end;
    units_[count_++] = &unit;
  }
  void flush() {
    const auto count = std::exchange(count_, 0);
    if (count == 0)
      return;
    complete_(like_, std::span{ends_}.first(count), std::span{done_}.first(count));
    for (std::size_t i = 0; i < count; ++i)
      units_[i]->ended = done_[i];
  }

private:
  const std::function<void(const Likeness&, std::span<const End>, std::span<bool>)> complete_;
  Likeness like_{};
  std::size_t count_ = 0;
  static constexpr std::size_t most = plain_inserter::rows_a_statement;
  std::array<End, most> ends_{};
  std::array<bool, most> done_{};
  std::array<Unit*, most> units_{};
};

} // namespace

void unit_executor::complete_plain(bool careful) {
  const auto count = [&](std::int64_t queue, std::span<const bool> done) {
    for (auto left = std::count(done.begin(), done.end(), true); left > 0; --left)
      state_.counts.move(queue, job_state::waiting, job_state::completed);
  };
  like_ends<plain_completions::likeness, plain_completions::end, simple_unit> plain{
    [&](const auto& like, auto jobs, auto done) {
      completions_.complete(like, jobs, done, careful);
      count(like.queue, done);
    }};
  like_ends<grouped_completions::likeness, std::int64_t, simple_unit> grouped{
    [&](const auto& like, auto jobs, auto done) {
      grouped_.complete(like, jobs, done, careful);
      count(like.queue, done);
    }};
  for (auto& each : window_) {
    if (!each.unit->ends || each.result->refused)
      continue;
    const auto& end = *each.unit->ends;
    const auto queue = state_.queues.find(end.queue);
    if (!queue)
      continue;
    if (end.grouped)
      grouped.add({*queue, end.attempts, micros(end.started_at), micros(end.finished_at)}, end.job.value, each);
    else if (!end.tied)
      plain.add({*queue, end.priority, end.attempts},
                {micros(end.run_at), end.job.value, micros(end.started_at), micros(end.finished_at)}, each);
  }
  plain.flush();
  grouped.flush();
}

} // namespace penstock::storage
