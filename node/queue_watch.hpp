#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/queue_health.hpp"
#include "core/time.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::node {

/// Looks at the health of the queues and stores what changed: each trouble once when it begins and once when it is
/// over, also across restarts. Not thread-safe.
class queue_watch {
public:
  using facts_reader = std::function<result<std::vector<queue_facts>>()>;
  /// Commits and waits for the outcome, for a limited time.
  using committer = std::function<result<unit_result>(unit_of_work)>;

  queue_watch(std::map<std::string, queue_thresholds, std::less<>> thresholds, const wall_clock& clock,
              facts_reader facts, committer commit);

  /// Blocks.
  void look();

private:
  using trouble = std::pair<std::string, std::string>; ///< queue, kind

  const std::map<std::string, queue_thresholds, std::less<>> thresholds_;
  const wall_clock& clock_;
  const facts_reader facts_;
  const committer commit_;
  std::set<std::string> seen_; ///< queues whose stored warnings agree with `standing_`
  std::set<trouble> standing_;
};

} // namespace penstock::node
