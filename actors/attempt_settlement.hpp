#pragma once

#include "core/random.hpp"
#include "core/retry_decision.hpp"
#include "messages/actors/work.hpp"
#include "messages/job_kind.hpp"

namespace penstock::actors {

/// What holds for one job: its own values where it has them, else its kind's.
struct job_policy {
  std::uint16_t max_attempts = 1;
  duration timeout{};
  backoff_policy backoff;
};
/// `kind` null: the kind is unknown to this node (a connector was switched off): no retry, a minute.
[[nodiscard]] job_policy policy_of(const ready_job& job, const job_kind* kind);

/// Turns a handler's outcome into the unit of work that ends the attempt: completes, retries, postpones, fails or
/// cancels the job, by the rules of core/retry_decision.hpp.
[[nodiscard]] unit_of_work settle(const ready_job& job, const job_policy& policy, work_result outcome, timestamp now,
                                  random_source& random);

/// The end of an attempt whose unit the store refused: with `conflict` the job goes back at no cost, and with any
/// other error as if its handler had failed with it.
[[nodiscard]] unit_of_work settle_refused(const ready_job& job, const job_policy& policy, const error& refusal,
                                          timestamp started_at, timestamp now, random_source& random);

/// The end of an attempt that is handed back at shutdown: waits again at once, at no cost.
[[nodiscard]] unit_of_work hand_back_unit(const ready_job& job, timestamp now);

} // namespace penstock::actors
