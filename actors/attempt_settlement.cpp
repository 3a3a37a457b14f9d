#include "actors/attempt_settlement.hpp"

#include <algorithm>
#include <utility>

#include "core/id_generator.hpp"

namespace penstock::actors {

job_policy policy_of(const ready_job& job, const job_kind* kind) {
  job_policy policy;
  policy.max_attempts = job.max_attempts.value_or(kind ? kind->max_attempts : std::uint16_t{1});
  policy.timeout = job.timeout.value_or(kind ? kind->timeout : duration(std::chrono::minutes(1)));
  policy.backoff = job.backoff.value_or(kind ? kind->backoff : backoff_policy{});
  return policy;
}

namespace {

void name_place(attempt_end& end, const ready_job& job) {
  end.queue = job.queue;
  end.grouped = !job.group_key.empty();
  end.tied = job.tied;
  end.priority = job.priority;
  end.run_at = job.run_at;
}

} // namespace

unit_of_work settle(const ready_job& job, const job_policy& policy, work_result outcome, timestamp now,
                    random_source& random) {
  unit_of_work unit = std::move(outcome.unit);
  attempt_end end = unit.ends.value_or(attempt_end{});
  if (outcome.cancelled || outcome.failed) {
    // Nothing of a failed or cancelled attempt takes effect; what it said, also to the provider, is kept for people.
    unit_of_work kept;
    kept.exchanges = std::move(unit.exchanges);
    kept.logs = std::move(unit.logs);
    unit = std::move(kept);
  }
  end.job = job.id;
  end.attempts = job.attempts;
  name_place(end, job);
  end.started_at = outcome.started_at;
  end.finished_at = outcome.finished_at == no_time ? now : outcome.finished_at;
  if (outcome.cancelled) {
    end.outcome = attempt_outcome::cancelled;
    end.failure = std::move(outcome.failed);
  } else if (outcome.failed) {
    const auto age = now - id_generator::time_of(job.id.value);
    // What a job is in conflict with mostly passes at once. The longer it does not, the less often it is tried.
    if (outcome.failed->code == error_code::conflict && !outcome.failed->retry_after)
      outcome.failed->retry_after = std::clamp<duration>(age / 8, conflict_pause, longest_conflict_pause);
    const auto decision =
      decide_retry(job.attempts + 1, policy.max_attempts, age, *outcome.failed, policy.backoff, random);
    using action = retry_decision::action;
    end.outcome = decision.what == action::retry      ? attempt_outcome::retry
                  : decision.what == action::postpone ? attempt_outcome::postponed
                                                      : attempt_outcome::failed;
    end.run_again_at = now + decision.delay;
    end.failure = std::move(outcome.failed);
  }
  unit.ends = std::move(end);
  return unit;
}

unit_of_work settle_refused(const ready_job& job, const job_policy& policy, const error& refusal, timestamp started_at,
                            timestamp now, random_source& random) {
  work_result outcome;
  outcome.failed = refusal;
  outcome.started_at = started_at;
  auto unit = settle(job, policy, std::move(outcome), now, random);
  if (refusal.code == error_code::storage_busy || refusal.code == error_code::storage_full) {
    // The database took others of the group and then no more: that is not the attempt's fault.
    unit.ends->outcome = attempt_outcome::postponed;
    unit.ends->run_again_at = now + unavailable_pause;
  }
  return unit;
}

unit_of_work hand_back_unit(const ready_job& job, timestamp now) {
  unit_of_work unit;
  attempt_end end;
  end.job = job.id;
  end.attempts = job.attempts;
  name_place(end, job);
  end.outcome = attempt_outcome::postponed;
  end.run_again_at = job.run_at == no_time ? now : std::min(job.run_at, now);
  end.finished_at = now;
  unit.ends = std::move(end);
  return unit;
}

} // namespace penstock::actors
