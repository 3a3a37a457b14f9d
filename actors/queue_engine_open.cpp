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

/// The node stops while the database takes nothing: what the store may yet give to the slot waits for the next start.
bool queue_engine::give_up_idle_slot(const open_commit& commit) {
  if (commit.is_void)
    return true;
  auto& place = slots_.at(commit.slot);
  if (!place.next.empty())
    return false;
  place.open_as = 0;
  place.now = phase::free;
  return true;
}

void queue_engine::given(commit_news::gift gift) {
  auto* place = gift.slot < slots_.size() ? &slots_.at(gift.slot) : nullptr;
  if (!place || place->open_as == 0 || place->open_as != gift.left_open_as) {
    // Left open by a queue that died, or since the connection was lost: they wait.
    const auto jobs = gift.jobs;
    jobs_ready(std::move(gift.jobs));
    for (const auto& job : jobs)
      if (auto told = take_early_cancel(job.id))
        cancel(job.id, std::move(*told));
    return;
  }
  place->open_as = 0;
  std::erase_if(gift.jobs, [this, place](const ready_job& job) {
    auto told = take_early_cancel(job.id);
    // Read from the store before this word came, and claimed for another slot: there it runs.
    if (waiting_.window().knows(job.id) && slots_.slot_holding(job.id)) {
      if (told)
        cancel(job.id, std::move(*told));
      return true;
    }
    waiting_.hold(job);
    if (told)
      place->cancelled.emplace(job.id, std::move(*told));
    return false;
  });
  if (place->now == phase::settling) {
    place->next = std::move(gift.jobs);
    return;
  }
  make_void(gift.slot);
  const bool by_hand = std::exchange(place->by_hand, false);
  auto own = std::exchange(place->next, std::move(gift.jobs));
  std::unordered_map<job_id, std::string> own_cancelled;
  for (const auto& job : own)
    if (auto told = place->cancelled.extract(job.id))
      own_cancelled.insert(std::move(told));
  if (place->next.empty())
    place->now = phase::free;
  else
    start(gift.slot);
  claim_elsewhere(std::move(own), std::move(own_cancelled), by_hand);
  dispatch();
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
  const auto other = slots_.first_idle();
  if (by_hand && other && !jobs.empty()) { // a person waits for it, pause or not
    auto& place = slots_.at(*other);
    place.by_hand = true;
    place.cancelled.merge(cancelled);
    return claim(*other, std::move(jobs));
  }
  for (auto& job : jobs) {
    waiting_.left(job);
    if (auto told = cancelled.extract(job.id))
      cancel_waiting(job.id, std::move(told.mapped()));
    else
      waiting_.add(std::move(job), clock_.now());
  }
}

/// A person cancelled it while its claim was written, which does not hold: in the store it waits. Until that is stored the
/// queue does not know the job.
void queue_engine::cancel_waiting(job_id job, std::string reason) {
  unit_of_work unit;
  unit.changes.push_back(cancel_job{job, std::move(reason)});
  std::vector<unit_of_work> units;
  units.push_back(std::move(unit));
  open_commit commit{};
  commit.is_void = true;
  const auto token = ++last_token_;
  open_commits_.emplace(token, std::move(commit));
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
  return told ? std::optional(std::move(told.mapped().reason)) : std::nullopt;
}

} // namespace penstock::actors
