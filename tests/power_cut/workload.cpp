#include "tests/power_cut/workload.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace penstock::power_cut {

workload::workload(opened_store& store, fragile_disk& disk, promises& made, random_source& random, manual_clock& clock)
    : store_(store), disk_(disk), made_(made), random_(random), clock_(clock), running_(slots) {
  for (const auto& each : store_.recovered().suspects)
    suspects_.insert(each.id);
  auto reader = store_.database().open_reader();
  auto window = reader ? (*reader)->jobs().ready("default", clock_.now() + std::chrono::hours(24), 100'000)
                       : failure(reader.error());
  if (!window)
    throw std::runtime_error("the waiting jobs cannot be read: " + window.error().message);
  for (const auto& each : window->jobs)
    waiting_.push_back({each.id, each.attempts, each.run_at, each.tied});
}

void workload::step() {
  clock_.advance(std::chrono::milliseconds(1 + draw(20)));
  if (draw(25) == 0)
    checkpoint();
  else
    commit_some();
}

void workload::checkpoint() {
  // A commit in the middle of it, as when a node does it on a thread of its own.
  if (draw(2) == 0)
    disk_.interrupt("store.db", 1 + static_cast<int>(draw(20)), [this] {
      ++made_.commits_in_checkpoints;
      commit_some();
    });
  const auto moved = store_.database().checkpoint();
  disk_.interrupt({}, 0, nullptr);
  if (!moved && disk_.has_power())
    throw std::runtime_error("the log was not moved: " + moved.error().message);
}

void workload::commit_some() {
  group wanted;
  for (auto batches = 1 + draw(3); batches > 0; --batches)
    add_batch(wanted);
  for (const auto id : wanted.claimed)
    made_.uncertain.insert(id);
  for (const auto id : wanted.ended)
    made_.uncertain.insert(id);
  auto done = store_.writer().commit_ahead(wanted.batches);
  check(done);
  // Queues hear of new jobs before the disk has them.
  for (const auto& batch : done.batches)
    for (const auto& unit : batch.units)
      for (const auto& made : unit.jobs)
        waiting_.push_back({made.id, 0, clock_.now(), false});
  ahead_.emplace_back(std::move(wanted), std::move(done));
  if (draw(3) > 0 || ahead_.size() == 5)
    settle();
}

void workload::settle() {
  const auto durable = store_.writer().make_durable();
  if (!disk_.has_power())
    return; // whoever waited for the answers is gone too
  if (!durable)
    throw std::runtime_error("the log was not synced: " + durable.error().message);
  for (const auto& [wanted, done] : std::exchange(ahead_, {}))
    note(wanted, done);
}

void workload::check(const storage::group_result& done) const {
  if (!disk_.has_power())
    return;
  for (const auto& batch : done.batches) {
    if (batch.failed || batch.claims_failed)
      throw std::runtime_error("the store failed: " + (batch.failed ? *batch.failed : *batch.claims_failed).message);
    for (const auto& unit : batch.units)
      if (!unit.ok())
        throw std::runtime_error("a unit was refused: " + unit.refused->message);
  }
}

void workload::add_batch(group& wanted) {
  storage::write_batch batch;
  std::vector<std::int64_t> numbers;
  const bool of_queue =
    draw(2) == 0 && std::any_of(running_.begin(), running_.end(), [](const auto& slot) { return !slot.empty(); });
  for (auto units = 1 + draw(4); units > 0; --units) {
    const auto number = made_.last_number + 1;
    promise expected;
    auto unit = of_queue ? end_one(wanted, batch, number, expected) : enqueue_some(number, expected);
    if (!unit.ends && unit.jobs.empty() && unit.events.empty())
      break; // nothing runs any more
    made_.last_number = number;
    made_.units[number] = std::move(expected);
    numbers.push_back(number);
    batch.units.push_back(std::move(unit));
  }
  if (!of_queue && draw(2) == 0)
    claim_free_slots(wanted, batch);
  wanted.batches.push_back(std::move(batch));
  wanted.numbers.push_back(std::move(numbers));
}

job_request workload::request_of(std::int64_t number, bool with_payload) {
  job_request wanted;
  wanted.kind = "probe.task";
  wanted.triggered_by = std::to_string(number);
  if (with_payload) {
    wanted.payload.assign(1 + draw(40'000), 'p');
    wanted.args = R"({"payload":)" + std::to_string(wanted.payload.size()) + "}";
  }
  return wanted;
}

unit_of_work workload::enqueue_some(std::int64_t number, promise& expected) {
  unit_of_work unit;
  const auto kind = draw(20);
  const auto count = kind == 0 ? 60 + draw(120) : 1 + draw(3);
  for (std::uint64_t i = 0; i < count; ++i)
    unit.jobs.push_back(request_of(number, kind == 1));
  expected.jobs = std::ssize(unit.jobs);
  if (kind == 2) {
    unit.events.push_back({"probe.happened", std::to_string(number)});
    expected.events = 1;
  }
  return unit;
}

unit_of_work workload::end_one(group& wanted, storage::write_batch& batch, std::int64_t number, promise& expected) {
  unit_of_work unit;
  const auto slot = std::find_if(running_.begin(), running_.end(), [](const auto& each) { return !each.empty(); });
  if (slot == running_.end())
    return unit;
  const auto job = slot->back();
  slot->pop_back();
  wanted.ended.push_back(job.id);
  unit.ends.emplace();
  unit.ends->job = job.id;
  unit.ends->attempts = job.attempts;
  unit.ends->queue = "default";
  unit.ends->run_at = job.run_at;
  unit.ends->tied = job.tied;
  unit.ends->started_at = unit.ends->finished_at = clock_.now();
  const auto kind = draw(10);
  if (kind == 0) {
    unit.ends->outcome = attempt_outcome::retry;
    unit.ends->failure = error{error_code::network, "no answer"};
    unit.ends->run_again_at = clock_.now() + std::chrono::seconds(1);
    wanted.again.push_back({job.id, static_cast<std::uint16_t>(job.attempts + 1), unit.ends->run_again_at, job.tied});
  } else {
    expected.completes.push_back(job.id);
  }
  if (kind < 6) { // the others end and nothing more
    unit.appends.push_back({"effects", {{number}}});
    unit.rows.push_back({"items", {1}, {{std::to_string(number), {std::string(draw(500), 'n'), number}, 1}}});
    unit.events.push_back({"probe.happened", std::to_string(number)});
    unit.jobs.push_back(request_of(number, kind == 1));
    expected.effects = expected.rows = expected.events = expected.jobs = 1;
  }
  if (suspects_.contains(job.id))
    unit.changes.push_back(clear_suspect{job.id});
  if (slot->empty())
    claim_free_slots(wanted, batch);
  else
    batch.claims.push_back({"default", static_cast<std::uint16_t>(slot - running_.begin()), false, {}});
  if (!slot->empty() && batch.claims.back().jobs.empty())
    for (const auto& left : *slot)
      batch.claims.back().jobs.push_back(left.id);
  return unit;
}

void workload::claim_free_slots(group& wanted, storage::write_batch& batch) {
  for (std::size_t slot = 0; slot < slots; ++slot) {
    if (!running_[slot].empty())
      continue;
    slot_claim claim{"default", static_cast<std::uint16_t>(slot), false, {}};
    for (auto count = std::min<std::uint64_t>(waiting_.size(), 1 + draw(4)); count > 0; --count) {
      running_[slot].push_back(waiting_.back());
      claim.jobs.push_back(waiting_.back().id);
      wanted.claimed.push_back(waiting_.back().id);
      waiting_.pop_back();
    }
    batch.claims.push_back(std::move(claim));
  }
}

void workload::note(const group& wanted, const storage::group_result& done) {
  for (const auto& batch : wanted.numbers)
    for (const auto number : batch) {
      made_.units.at(number).acknowledged = true;
      ++made_.acknowledged;
    }
  for (const auto& each : done.news.events)
    made_.told[each.position] = each.id;
  for (const auto id : wanted.claimed) {
    made_.held.insert(id);
    if (!suspects_.contains(id))
      made_.uncertain.erase(id);
  }
  for (const auto id : wanted.ended) {
    made_.held.erase(id);
    made_.uncertain.erase(id);
    suspects_.erase(id);
  }
  waiting_.insert(waiting_.end(), wanted.again.begin(), wanted.again.end());
}

} // namespace penstock::power_cut
