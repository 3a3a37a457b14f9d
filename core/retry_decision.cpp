#include "core/retry_decision.hpp"

namespace penstock {

retry_decision decide_retry(int attempt, int max_attempts, duration age, const error& problem,
                            const backoff_policy& policy, random_source& random) {
  using action = retry_decision::action;
  switch (problem.cls()) {
    case error_class::final: return {};
    case error_class::postponed:
      return {action::postpone,
              problem.retry_after.value_or(problem.code == error_code::conflict ? conflict_pause : unavailable_pause)};
    case error_class::retryable: break;
  }
  if (problem.retry_after && *problem.retry_after > longest_wait_in_attempt && age <= longest_free_postponement)
    return {action::postpone, *problem.retry_after};
  if (attempt >= max_attempts)
    return {};
  return {action::retry, effective_delay(policy, attempt, problem.retry_after, random)};
}

} // namespace penstock
