#include "bench/store_cycle.hpp"

#include <iterator>
#include <stdexcept>
#include <utility>

#include "actors/engine_kinds.hpp"
#include "bench/counting_connector.hpp"
#include "bench/must.hpp"

namespace penstock::bench {
store_cycle::store_cycle() {
  job_kind kind;
  kind.name = "bench.count";
  kind.queue = queue_name;
  kind.brief = true;
  kinds_.add(std::move(kind));
  actors::add_engine_kinds(kinds_);
  storage::database_settings settings;
  settings.url = "sqlite::memory:";
  storage::database_context context;
  context.clock = &clock_;
  context.ids = &ids_;
  context.kinds = &kinds_;
  database_ = must(storage::database::open(std::move(settings), std::move(context)));
  must(database_->migrate());
  writer_ = must(database_->open_writer());
}

storage::group_result store_cycle::commit(storage::write_batch batch) {
  std::vector<storage::write_batch> batches;
  batches.push_back(std::move(batch));
  auto done = writer_->commit(batches);
  if (const auto& failed = done.batches.front().failed)
    throw std::runtime_error(failed->message);
  return done;
}

void store_cycle::enqueue(std::size_t count) {
  storage::write_batch batch;
  auto& unit = batch.units.emplace_back();
  unit.jobs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto& job = unit.jobs.emplace_back();
    job.kind = "bench.count";
    job.args = sample_args(number_++);
  }
  auto done = commit(std::move(batch));
  if (taken_ == ready_.size()) {
    ready_.clear();
    taken_ = 0;
  }
  std::move(done.news.ready.begin(), done.news.ready.end(), std::back_inserter(ready_));
}

void store_cycle::claim_and_complete(std::size_t count) {
  const auto now = clock_.now();
  storage::write_batch claim;
  auto& slot = claim.claims.emplace_back();
  slot.queue = queue_name;
  storage::write_batch ends;
  ends.units.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& job = ready_.at(taken_++);
    slot.jobs.push_back(job.id);
    slot.attempts.push_back(job.attempts);
    auto& end = ends.units.emplace_back().ends.emplace();
    end.job = job.id;
    end.attempts = job.attempts;
    end.queue = job.queue;
    end.priority = job.priority;
    end.run_at = job.run_at;
    end.started_at = end.finished_at = now;
  }
  (void)commit(std::move(claim));
  const auto done = commit(std::move(ends));
  for (const auto& each : done.batches.front().units)
    if (each.refused)
      throw std::runtime_error(each.refused->message);
}

} // namespace penstock::bench
