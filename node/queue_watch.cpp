#include "node/queue_watch.hpp"

#include <spdlog/spdlog.h>

namespace penstock::node {

queue_watch::queue_watch(std::map<std::string, queue_thresholds, std::less<>> thresholds, const wall_clock& clock,
                         facts_reader facts, committer commit)
    : thresholds_(std::move(thresholds)), clock_(clock), facts_(std::move(facts)), commit_(std::move(commit)) {}

void queue_watch::look() {
  const auto facts = facts_();
  if (!facts) {
    spdlog::debug("the queues could not be looked at: {}", facts.error().message);
    return;
  }
  const auto now = clock_.now();
  std::set<trouble> found;
  unit_of_work unit;
  for (const auto& queue : *facts) {
    const auto set = thresholds_.find(queue.name);
    for (auto& warning : judge_queue(queue, set == thresholds_.end() ? queue_thresholds{} : set->second, now)) {
      found.emplace(queue.name, warning.kind);
      if (!standing_.contains({queue.name, warning.kind}))
        unit.changes.emplace_back(set_queue_warning{queue.name, warning.kind, true, std::move(warning.message)});
    }
    // What the last process left standing, or what stood until now, is over.
    for (const auto& kind : all_queue_warnings())
      if (!found.contains({queue.name, kind}) &&
          (!seen_.contains(queue.name) || standing_.contains({queue.name, kind})))
        unit.changes.emplace_back(set_queue_warning{queue.name, kind, false, "it is over"});
  }
  if (!unit.changes.empty()) {
    if (const auto stored = commit_(std::move(unit)); !stored) {
      spdlog::warn("warnings of queues were not stored, the next look tries again: {}", stored.error().message);
      return;
    }
  }
  for (const auto& queue : *facts)
    seen_.insert(queue.name);
  standing_ = std::move(found);
}

} // namespace penstock::node
