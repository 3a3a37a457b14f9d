// Slots for which nothing waits: the queue leaves them open, and the store gives them new jobs in the transaction that stores
// these. So a job that finds its queue idle starts after one commit, not after two.
#include <algorithm>
#include <utility>

#include "actors/queue_engine.hpp"

namespace penstock::actors {
namespace {

using phase = worker_slot::phase;

/// What the store gave away is told within a moment, that of a commit and a sync.
constexpr duration early_cancel_lasts = std::chrono::seconds(10);
constexpr std::size_t most_early_cancels = 10'000;

} // namespace

/// The store knows of no limit of a queue, and must not start a new job before an older one.
bool queue_engine::may_leave_open(timestamp now) {
  return rules_.leaves_slots_open && may_claim() && known_to_store_ && !rules_.limit && !suspect_ &&
         waiting_.window().is_whole() && !waiting_.has_next(now);
}

void queue_engine::tend_open_slots(timestamp now) {
  if (may_leave_open(now)) {
    while (const auto slot = slots_.first_free())
      leave_open(*slot);
  } else if (!may_claim() || suspect_) {
    while (const auto slot = slots_.first_open())
      take_back(*slot);
  }
}

void queue_engine::leave_open(std::uint16_t slot) {
  auto& place = slots_.at(slot);
  place.now = phase::claiming;
  auto record = claim_record(slot, {});
  record.leaves_open = place.open_as = ++last_open_;
  open_commit commit{slot, false, false, {}};
  commit.opens = true;
  send(std::move(commit), {}, {std::move(record)});
}

void queue_engine::take_back(std::uint16_t slot) { claim(slot, {}); }

/// The node stops while the database takes nothing: no claim is tried again that no job waits for. What the store may yet give
/// to the slot waits for the next start.
bool queue_engine::give_up(const open_commit& commit, const commit_answer& answer) {
  if (commit.is_void) {
    being_cancelled_.erase(answer.token);
    return true;
  }
  auto& place = slots_.at(commit.slot);
  if (!answer.returned.empty() || !place.next.empty())
    return false;
  place.open_as = 0;
  place.given_up.clear();
  place.now = phase::free;
  return true;
}

void queue_engine::given(commit_news::gift gift) {
  auto* place = gift.slot < slots_.size() ? &slots_.at(gift.slot) : nullptr;
  if (!place || place->open_as == 0 || place->open_as != gift.left_open_as)
    return given_to_nobody(std::move(gift.jobs));
  place->open_as = 0;
  std::erase_if(gift.jobs, [&](const ready_job& job) { return !take_gift(gift.slot, job); });
  if (place->now == phase::settling) {
    place->next = std::move(gift.jobs);
    place->record_is_stale = place->next.empty();
    return;
  }
  make_void(gift.slot);
  const bool by_hand = !place->next.empty() && std::exchange(place->by_hand, false); // else that job was given
  auto own = std::exchange(place->next, std::move(gift.jobs));
  std::unordered_map<job_id, std::string> own_cancelled;
  for (const auto& job : own)
    if (auto told = place->cancelled.extract(job.id))
      own_cancelled.insert(std::move(told));
  if (place->next.empty())
    release(gift.slot); // its record names what runs elsewhere
  else
    start(gift.slot);
  claim_elsewhere(std::move(own), std::move(own_cancelled), by_hand);
  dispatch();
}

/// The slot was left open by a queue that died, or before the connection was lost: its jobs wait.
void queue_engine::given_to_nobody(std::vector<ready_job> jobs) {
  const auto waiting = jobs;
  jobs_ready(std::move(jobs));
  for (const auto& job : waiting)
    if (auto told = take_early_cancel(job.id)) {
      if (slots_.slot_holding(job.id)) {
        cancel(job.id, std::move(*told));
      } else {
        waiting_.hold(job);
        cancel_waiting(job, *told);
      }
    }
}

/// False: the job was read from the store before this word came, and claimed for another slot: there it runs.
bool queue_engine::take_gift(std::uint16_t slot, const ready_job& job) {
  auto told = take_early_cancel(job.id);
  auto& place = slots_.at(slot);
  if (auto late = take_late_cancel(job.id)) {
    told = std::move(late); // held already; the store refuses that cancel, since this slot has the job
  } else if (!waiting_.window().knows(job.id)) {
    waiting_.hold(job);
  } else if (const auto holder = slots_.slot_holding(job.id); !holder) {
    waiting_.hold(job);
  } else if (*holder != slot) {
    if (told)
      cancel(job.id, std::move(*told));
    return false;
  } else { // claimed for this one, by a claim that is void now
    std::erase_if(place.next, [&](const ready_job& other) { return other.id == job.id; });
  }
  if (told)
    place.cancelled.emplace(job.id, std::move(*told));
  return true;
}

/// What was asked for the slot meanwhile comes too late. Tokens that were spent with it stay spent.
void queue_engine::make_void(std::uint16_t slot) {
  for (auto& [token, commit] : open_commits_) {
    if (commit.slot != slot || commit.ends)
      continue;
    commit.is_void = true;
    for (auto& [at, delayed] : delayed_commits_)
      if (delayed.token == token)
        delayed.claims.clear();
  }
}

void queue_engine::claim_elsewhere(std::vector<ready_job> jobs, std::unordered_map<job_id, std::string> cancelled,
                                   bool by_hand) {
  const auto other = slots_.idle();
  if (by_hand && other && !jobs.empty()) { // a person waits for it, pause or not
    auto& place = slots_.at(*other);
    place.by_hand = true;
    place.cancelled.merge(cancelled);
    return claim(*other, std::move(jobs));
  }
  for (auto& job : jobs) {
    if (auto told = cancelled.extract(job.id)) {
      cancel_waiting(job, told.mapped());
      continue;
    }
    waiting_.left(job);
    waiting_.add(std::move(job), clock_.now());
  }
}

/// A person cancelled it while its claim was written, which does not hold: in the store it waits. The queue holds it until the
/// store has answered.
void queue_engine::cancel_waiting(const ready_job& job, const std::string& reason) {
  unit_of_work unit;
  unit.changes.push_back(cancel_job{job.id, reason});
  std::vector<unit_of_work> units;
  units.push_back(std::move(unit));
  open_commit commit{};
  commit.is_void = true;
  const auto token = ++last_token_;
  open_commits_.emplace(token, std::move(commit));
  being_cancelled_.emplace(token, late_cancel{job, reason});
  effects_.commit(token, std::move(units), {});
}

void queue_engine::cancel_ahead(job_id job, std::string reason) {
  if (!rules_.leaves_slots_open)
    return;
  const auto now = clock_.now();
  std::erase_if(cancelled_ahead_, [now](const auto& each) { return now - each.second.at > early_cancel_lasts; });
  if (cancelled_ahead_.size() < most_early_cancels)
    cancelled_ahead_.insert_or_assign(job, early_cancel{std::move(reason), now});
}

std::optional<std::string> queue_engine::take_early_cancel(job_id job) {
  if (cancelled_ahead_.empty()) [[likely]]
    return std::nullopt;
  auto told = cancelled_ahead_.extract(job);
  if (!told || clock_.now() - told.mapped().at > early_cancel_lasts)
    return std::nullopt;
  return std::move(told.mapped().reason);
}

std::optional<std::string> queue_engine::take_late_cancel(job_id job) {
  const auto found = std::find_if(being_cancelled_.begin(), being_cancelled_.end(),
                                  [job](const auto& each) { return each.second.job.id == job; });
  if (found == being_cancelled_.end()) [[likely]]
    return std::nullopt;
  auto reason = std::move(found->second.reason);
  being_cancelled_.erase(found);
  return reason;
}

} // namespace penstock::actors
