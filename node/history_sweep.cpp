#include "node/history_sweep.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <spdlog/spdlog.h>

namespace penstock::node {

history_sweep::history_sweep(const config::retention_settings& ages,
                             const std::map<std::string, config::queue_settings, std::less<>>& queues,
                             const wall_clock& clock, committer commit)
    : ages_(ages), clock_(clock), commit_(std::move(commit)) {
  for (const auto& [name, queue] : queues)
    if (queue.keep_completed || queue.keep_failed)
      exceptions_.push_back(
        {name, queue.keep_completed.value_or(ages.completed_jobs), queue.keep_failed.value_or(ages.failed_jobs)});
}

std::int64_t history_sweep::run() {
  const auto now = clock_.now();
  std::int64_t gone = 0;
  for (int i = 0; i < most_batches; ++i) {
    sweep_history sweep{.completed_before = now - ages_.completed_jobs,
                        .failed_before = now - ages_.failed_jobs,
                        .events_before = now - ages_.events,
                        .occurrences_before = now - ages_.occurrences,
                        .audit_before = now - ages_.audit,
                        .most_ended_jobs = ages_.most_ended_jobs,
                        .most_events = ages_.most_events,
                        .limit = batch};
    for (const auto& each : exceptions_)
      sweep.queues.push_back({each.queue, now - each.completed, now - each.failed});
    unit_of_work unit;
    unit.changes.emplace_back(std::move(sweep));
    unit.changes.emplace_back(sweep_staged_bodies{.before = now - longest_staging, .limit = batch});
    const auto swept = commit_(std::move(unit));
    if (!swept) {
      spdlog::warn("old history was not swept, the next round tries again: {}", swept.error().message);
      break;
    }
    gone += std::accumulate(swept->created.begin(), swept->created.end(), std::int64_t{0});
    const bool more =
      std::any_of(swept->created.begin(), swept->created.end(), [](auto count) { return count >= batch; });
    if (!more)
      break;
  }
  if (gone > 0)
    spdlog::debug("{} rows of old history were removed", gone);
  return gone;
}

} // namespace penstock::node
