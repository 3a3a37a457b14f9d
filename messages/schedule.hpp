#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/overlap.hpp"
#include "core/schedule_rule.hpp"
#include "core/time.hpp"

namespace penstock {

/// What one firing of a schedule makes, beside its first job.
struct schedule_job {
  std::string kind;
  std::string args = "{}";
  std::string queue{}; ///< empty: the kind's
  friend bool operator==(const schedule_job&, const schedule_job&) = default;
};

/// Why a schedule fires. The numbers are stored: never change them.
enum class firing_reason : std::uint8_t { on_time = 0, catch_up = 1, manual = 2, backfill = 3 };
[[nodiscard]] std::string_view to_string(firing_reason reason) noexcept;

/// What became of an occurrence. The numbers are stored: never change them.
enum class firing_outcome : std::uint8_t {
  fired = 0,   ///< its jobs were made
  queued = 1,  ///< they were made, and wait for those of an earlier firing
  skipped = 2, ///< earlier jobs had not ended, and the schedule does not let them overlap
  missed = 3   ///< the node did not run, and it was too old when it came back
};
[[nodiscard]] std::string_view to_string(firing_outcome outcome) noexcept;

/// Makes jobs at times. Its name is its identity.
struct schedule {
  std::string name;
  std::string rule; ///< "30 4 * * 1-5" or "every 30s"
  std::string time_zone = "UTC";
  std::string kind;
  std::string args = "{}"; ///< `{occurrence}` in it stands for the time of the occurrence, RFC 3339 in UTC
  std::string queue;       ///< empty: the kind's
  bool enabled = true;
  duration catch_up{}; ///< how old a missed firing may be and still be made good; zero: the default of its rule
  timestamp last_fired_at = no_time; ///< the occurrence that was decided last, not the moment of the work
  timestamp created_at = no_time;
  overlap_policy overlap = overlap_policy::skip;
  weekday_set weekdays = every_weekday; ///< occurrences on other days of its zone are none
  duration jitter{};                    ///< jobs start up to this much later than their occurrence
  duration stagger{};                   ///< each job of a firing starts this much later than the one before it
  std::vector<schedule_job> more_jobs;  ///< that a firing makes after the first one
  /// When this rule began to hold, by being made, changed or enabled: what it names before that was not missed.
  timestamp effective_from = no_time;
  std::optional<firing_outcome> last_outcome; ///< of last_fired_at
  std::uint32_t edited = 0; ///< schedule_field bits that a person changed: a declaration does not change them back
  bool declared = false;    ///< the node declares it at each start
  std::int64_t version = 1; ///< grows with each edit by a person
};

/// A schedule's rule, as it stands.
[[nodiscard]] inline result<schedule_rule> rule_of(const schedule& value) {
  return schedule_rule::parse(value.rule, value.time_zone, value.weekdays);
}

/// Catch-up windows of less than this mean that nothing is made good: `zero` stands for the default.
inline constexpr duration no_catch_up{1};

/// One occurrence, kept for show and so that a back-fill does not repeat it.
struct schedule_occurrence {
  timestamp at = no_time; ///< the time that the rule names; of a manual trigger the moment itself
  timestamp decided_at = no_time;
  firing_reason reason = firing_reason::on_time;
  firing_outcome outcome = firing_outcome::fired;
  std::vector<job_id> jobs;
  std::string note; ///< why it was skipped, empty if there is nothing to say
};

/// Occurrences that passed while nobody fired them.
struct missed_occurrences {
  std::int64_t count = 0; ///< at most `most_counted`
  timestamp first = no_time, last = no_time;
  static constexpr std::int64_t most_counted = 10'000;
};

/// What a firing did.
struct schedule_firing {
  std::string name;
  timestamp at = no_time;
  firing_outcome outcome = firing_outcome::fired;
  std::vector<job_id> jobs;
  // Earlier jobs that make way: their queues have to be told (cancel_running).
  std::vector<job_id> to_stop;   ///< those that run
  std::vector<job_id> cancelled; ///< those that waited, and were cancelled in this transaction
  std::string note;
};

} // namespace penstock
