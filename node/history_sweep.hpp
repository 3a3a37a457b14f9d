#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "core/error.hpp"
#include "core/time.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::node {

/// Deletes history past its age, in batches so small that no commit waits long for one.
class history_sweep {
public:
  /// Commits and waits for the outcome, for a limited time.
  using committer = std::function<result<unit_result>(unit_of_work)>;

  history_sweep(const config::retention_settings& ages,
                const std::map<std::string, config::queue_settings, std::less<>>& queues, const wall_clock& clock,
                committer commit);

  /// One round: batches until one finds little, at most `most_batches`. How many rows went. Blocks.
  std::int64_t run();

  static constexpr std::int64_t batch = 500;
  static constexpr int most_batches = 40;
  /// A body that was staged for longer and has no job has lost its sender or its node: twice what a gateway waits for one.
  static constexpr duration longest_staging = std::chrono::minutes(20);

private:
  const config::retention_settings ages_;
  struct exception {
    std::string queue;
    duration completed, failed;
  };
  std::vector<exception> exceptions_; ///< queues whose jobs are kept longer or shorter
  const wall_clock& clock_;
  const committer commit_;
};

} // namespace penstock::node
