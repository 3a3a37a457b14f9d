#include "core/queue_health.hpp"

#include <algorithm>

#include "core/duration_text.hpp"

namespace penstock {

const std::vector<std::string>& all_queue_warnings() {
  static const std::vector<std::string> kinds{"failed", "waiting", "stalled", "database"};
  return kinds;
}

std::vector<queue_warning> judge_queue(const queue_facts& facts, const queue_thresholds& thresholds, timestamp now) {
  std::vector<queue_warning> found;
  if (facts.failed > thresholds.failed)
    found.push_back({"failed", std::to_string(facts.failed) + " jobs have failed: see 'penstock queue failed'"});
  if (facts.waiting > thresholds.waiting)
    found.push_back({"waiting", std::to_string(facts.waiting) + " jobs wait"});
  if (!facts.paused && facts.waiting > 0) {
    const auto since = std::max({facts.began_at, facts.last_ended_at, facts.oldest_waiting_since});
    if (since != no_time && now - since >= thresholds.stalled)
      found.push_back({"stalled", "no job has ended for " +
                                    format_duration(std::chrono::floor<std::chrono::minutes>(now - since)) + " while " +
                                    std::to_string(facts.waiting) + " wait"});
  }
  if (facts.commits_delayed > 0)
    found.push_back({"database", "the database does not take " + std::to_string(facts.commits_delayed) +
                                   " results; they are tried again"});
  return found;
}

} // namespace penstock
