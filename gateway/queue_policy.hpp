#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/backoff.hpp"
#include "core/time.hpp"
#include "messages/job.hpp"

namespace penstock::gateway {

/// What a queue says for its jobs that name none; what is absent, their kind says.
struct queue_policy {
  std::optional<std::uint16_t> max_attempts{};
  std::optional<duration> timeout{};
  std::optional<backoff_policy> backoff{};
};
using queue_policies = std::map<std::string, queue_policy, std::less<>>; ///< by queue

/// A job for show: with what its queue says in place of what it leaves open.
[[nodiscard]] inline job_record as_its_queue_runs_it(job_record shown, const queue_policies& policies) {
  const auto found = policies.find(shown.job.queue);
  if (found == policies.end())
    return shown;
  if (!shown.job.max_attempts)
    shown.job.max_attempts = found->second.max_attempts;
  if (!shown.job.timeout)
    shown.job.timeout = found->second.timeout;
  if (!shown.job.backoff)
    shown.job.backoff = found->second.backoff;
  return shown;
}

} // namespace penstock::gateway
