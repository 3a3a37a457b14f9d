#pragma once

#include <cstdint>

#include "core/backoff.hpp"
#include "core/error.hpp"

namespace penstock {

/// What becomes of a job after an attempt that ended in an error.
struct retry_decision {
  enum class action : std::uint8_t {
    retry,    ///< back to waiting for `delay`; the attempt is spent
    postpone, ///< back to waiting for `delay`; the attempt is given back
    fail      ///< over
  };
  action what = action::fail;
  duration delay{0};

  friend bool operator==(const retry_decision&, const retry_decision&) = default;
};

/// A `Retry-After` up to this is waited for inside an attempt; a longer one puts the job off at no cost.
inline constexpr duration longest_wait_in_attempt = std::chrono::seconds{30};

/// A job this old pays with an attempt for each further `Retry-After`: a provider that always says "later" comes to an
/// end, and people are told. Three days outlast the daily allowances that providers give.
inline constexpr duration longest_free_postponement = std::chrono::hours{72};

/// Waits of postponements that name none themselves, long enough not to spin.
inline constexpr duration conflict_pause = std::chrono::milliseconds{50};
inline constexpr duration longest_conflict_pause = std::chrono::seconds{30};
inline constexpr duration unavailable_pause = std::chrono::seconds{1};

/// `attempt` is the number of the run that has just ended, the first is 1. `max_attempts` is the number of runs in
/// all: "3 retries" are 4 attempts. `age` is the time since the job was enqueued. A cancelled job is not asked about: the
/// store ends it as cancelled.
[[nodiscard]] retry_decision decide_retry(int attempt, int max_attempts, duration age, const error& problem,
                                          const backoff_policy& policy, random_source& random);

/// Runs in all for a document's "N retries".
[[nodiscard]] constexpr int attempts_for_retries(int retries) noexcept { return 1 + retries; }

} // namespace penstock
