#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/ids.hpp"
#include "core/progress.hpp"
#include "core/time.hpp"
#include "core/token_bucket.hpp"
#include "messages/access_change.hpp"
#include "messages/credential.hpp"
#include "messages/integration.hpp"
#include "messages/job_kind.hpp"
#include "messages/schedule.hpp"
#include "messages/webhook.hpp"

/// Writes to the engine's own tables, as data. Each says what it requires; a requirement that does not hold refuses
/// the whole unit (`conflict` or `not_found`).
namespace penstock {

/// Adds an integration (id 0: drawn by the store, told in unit_result::created). Raises integration.connected,
/// unless it begins paused or requires_reauth: then its consent does (integration_action::reauthorised).
struct add_integration {
  integration value;
};

/// Changes name, config or frequency of an integration. Absent values stay.
struct edit_integration {
  integration_id id{};
  std::optional<std::string> name{}, config{};
  std::optional<duration> frequency{}; ///< zero: none
  /// `precondition_failed` unless this is its version; absent: whatever it is.
  std::optional<std::int64_t> expected_version{};
};

/// paused / resumed / disconnected by a person; reauthorised after consent; requires_reauth when the provider says so.
enum class integration_action : std::uint8_t { pause, resume, disconnect, reauthorised, requires_reauth };
struct act_on_integration {
  integration_id id{};
  integration_action action = integration_action::pause;
  std::string reason{}; ///< kept as last_error for requires_reauth
};

/// Removes an integration with its cursors, credential, runs and waiting jobs; synced rows stay unless `rows`.
struct remove_integration {
  integration_id id{};
  bool rows = false;
};

/// The root job of a run starts: the run is written, the integration is `processing`, the root belongs to the run.
/// Refused with `conflict` if another live run exists. `created` gets the run's id (drawn by the store if it is 0).
///
/// A dry run keeps others away and does all that a run does, but what its jobs would store is undone and kept as a
/// difference for show: rows and cursors stay as they are, and so does what the integration is and knows of itself.
struct start_run {
  run_id id{};
  integration_id integration{};
  job_id root{};
  std::string triggered_by;
  bool dry = false;
};

/// Sets or clears committed cursors by hand. Refused with `conflict` while a run is live.
struct reset_cursor {
  integration_id integration{};
  std::string stream; ///< empty: all streams
  std::string cursor; ///< empty: from the beginning
};

/// Finds integrations that are due, marks them triggered and enqueues `integration.process` for each, at most `limit`.
/// `created` tells how many. Also repairs integrations that are `processing` without a live run.
struct trigger_due_integrations {
  std::int64_t limit = 10'000;
};

/// Marks one integration as triggered now, whether due or not (the caller enqueues integration.process).
struct mark_triggered {
  integration_id id{};
};

/// Writes tokens, encrypted. Refused with `conflict` unless the stored version is `replaces` (0: none stored).
struct store_credential {
  credential value;
  std::int64_t replaces = 0;
};

/// Nodes share a database: one of them at a time refreshes a credential. Gives that to who asks, until `until` or
/// end_refresh. Refused with `conflict` unless the stored version is `version` and nobody has it, and with
/// `requires_reauth` where a person's consent is awaited already.
struct begin_refresh {
  integration_id integration{};
  std::int64_t version = 0;
  timestamp until = no_time;
};

/// It is over. With `still_current`, refused with `conflict` unless the stored version is still `version` and nobody
/// else was given the refresh (no_time: whoever has it): what the unit says of the credential is true of what is stored.
struct end_refresh {
  integration_id integration{};
  std::int64_t version = 0;
  timestamp until = no_time; ///< as it was given
  bool still_current = false;
};

/// A schedule that the node declares: added, or changed to what is declared now. What a person edited stays as it is,
/// and so do last_fired_at and `enabled`: a node that puts its schedules at each start undoes nothing.
struct put_schedule {
  schedule value;
};
/// A schedule that a person makes. Refused with `conflict` if there is one of that name.
struct add_schedule {
  schedule value;
};
/// Changes by a person; absent values stay. A changed rule holds from now on: nothing that it names before was missed.
struct edit_schedule {
  std::string name;
  std::optional<std::string> rule{}, time_zone{}, kind{}, args{};
  std::optional<bool> enabled{};
  std::optional<overlap_policy> overlap{};
  std::optional<weekday_set> weekdays{};
  std::optional<duration> catch_up{}, jitter{}, stagger{};
  std::optional<std::vector<schedule_job>> more_jobs{};
  /// `precondition_failed` unless this is its version; absent: whatever it is.
  std::optional<std::int64_t> expected_version{};
};
/// Refused with `conflict` if the node declares it: it would come back with the next start.
struct remove_schedule {
  std::string name;
};
struct enable_schedule {
  std::string name;
  bool enabled = true;
};

/// An occurrence: its jobs are made as the schedule says, or it is skipped because of its overlap policy; either is
/// noted. On time and in catch-up it compares and sets the schedule's last occurrence in the transaction that makes the
/// jobs, so that no tick is doubled; `conflict` if it fired or was changed meanwhile, or is disabled. A manual one has no
/// occurrence (it is the moment) and changes no last occurrence. Answers with a schedule_firing.
struct fire_schedule {
  std::string name;
  firing_reason reason = firing_reason::on_time;
  timestamp expected_last = no_time;
  timestamp expected_effective = no_time; ///< schedule::effective_from; no_time: whatever it is
  timestamp occurrence = no_time;
  duration delay{};            ///< of its jobs: jitter
  missed_occurrences missed{}; ///< those before it, that nobody will fire: told by schedule.missed
};

/// Nothing of what was missed is made good: told by schedule.missed, once. Compares as fire_schedule does.
struct miss_schedule {
  std::string name;
  timestamp expected_last = no_time;
  timestamp expected_effective = no_time;
  missed_occurrences missed;
};

/// Makes the jobs of past occurrences, each once: one that has made its jobs, as far as it is remembered, is left out.
/// Under every policy but `allow` they run one after another. Answers with a schedule_firing for each that was made.
struct backfill_schedule {
  std::string name;
  std::vector<timestamp> occurrences; ///< at most `most`, none in the future
  static constexpr std::size_t most = 1'000;
};

/// While it is on no job starts and no schedule fires, on any node, also after a restart; what is accepted waits.
struct set_maintenance {
  bool on = true;
  std::string by{}; ///< who asked for it
};

struct pause_queue {
  std::string name;
  bool paused = true;
};

/// A job that waits, or awaits its children, is cancelled; open children and counters of its parent follow. Refused
/// with `conflict` in other states, and while a slot holds it (its queue cancels it then).
struct cancel_job {
  job_id id{};
  std::string reason;
};

/// A failed job waits again with fresh attempts, its ended children forgotten. If a successor holds its unique key,
/// nothing changes and `created` holds the successor's id instead of its own. Refused with `conflict` in other states,
/// and where its stream was stopped in its run or the run was cancelled: what it would fetch is dropped.
struct retry_job {
  job_id id{};
};

/// A job that was active when the process died three times alone: fails with class `crashed`.
struct fail_crashed {
  job_id id{};
};

/// Removes what recovery kept about a suspect after its turn.
struct clear_suspect {
  job_id id{};
};

/// Latest progress of a running job, replaced each time.
struct write_progress {
  job_id id{};
  progress value;
};

/// The name under which nodes share the budget of a group's prefix, or the limiter of a queue.
[[nodiscard]] inline std::string group_limit_name(std::string_view prefix) { return "group " + std::string(prefix); }
[[nodiscard]] inline std::string queue_limit_name(std::string_view queue) { return "queue " + std::string(queue); }

/// Takes tokens from a bucket that all nodes share, also below zero: who was too quick waits the longer. `created`:
/// token_bucket::snapshot afterwards (parts, updated_at, blocked_until in microseconds).
struct spend_tokens {
  std::string name;
  token_rate rate;
  std::int64_t tokens = 1;
};

/// No job whose group key has this prefix starts before `until`, on any node. A later block stands. No job is written.
struct block_group {
  std::string prefix;
  timestamp until = no_time;
};

/// Counts calls to a provider; when `run` has made another `rule.calls` of them, `prefix` is blocked for the pause.
struct count_calls {
  std::string prefix;
  run_id run{};
  std::int64_t calls = 1;
  call_pause rule;
};

/// A queue's trouble of one kind ("failed", "waiting", "stalled", "database") begins or is over. Raises queue.warning
/// when that is news.
struct set_queue_warning {
  std::string queue, kind;
  bool on = true;
  std::string message;
};

/// Removes failed jobs of a queue that ended before `before`, at most `limit`. `created`: how many.
struct flush_failed {
  std::string queue;
  timestamp before = no_time;
  std::int64_t limit = 500;
};

/// Removes rows of history older than these moments, at most `limit` of each kind. `created` holds how many: completed
/// and cancelled jobs, failed jobs, events, runs, occurrences of schedules, keys of units that were done once (after their
/// time), entries of the audit. Runs go with `completed_before`, once none of
/// their jobs is left; the last of each integration stays. Of ended jobs and events beyond the counts the oldest go,
/// however young they are.
struct sweep_history {
  timestamp completed_before = no_time, failed_before = no_time, events_before = no_time;
  timestamp occurrences_before = no_time; ///< by the moment they were decided
  timestamp audit_before = no_time;
  std::int64_t most_ended_jobs = 0, most_events = 0; ///< 0: any number
  /// Queues whose ended jobs have ages of their own; no_time: they are kept.
  struct exception {
    std::string queue;
    timestamp completed_before = no_time, failed_before = no_time;
  };
  std::vector<exception> queues{};
  std::int64_t limit = 1000;
};

/// Stands first in a unit that a caller may send again (Idempotency-Key). The first time the unit runs, and what came of
/// it is kept beside the key; each further time nothing runs, and that is the answer. Refused with `key_reused` if the key
/// came with another request.
struct do_once {
  std::string key;         ///< the caller's own key, and who the caller is
  std::string fingerprint; ///< of all that the request says
  /// Then the key is free again.
  static constexpr duration kept_for = std::chrono::hours(24);
};

/// What a caller was answered, to be told again under the same key. One that is too large is not kept.
struct keep_answer {
  std::string key, fingerprint;
  int status = 200;
  std::string body;
  static constexpr std::size_t most_bytes = 1024 * 1024;
};

using engine_change =
  std::variant<add_integration, edit_integration, act_on_integration, remove_integration, start_run, reset_cursor,
               trigger_due_integrations, mark_triggered, store_credential, begin_refresh, end_refresh, put_schedule,
               add_schedule, edit_schedule, remove_schedule, enable_schedule, fire_schedule, miss_schedule,
               backfill_schedule, pause_queue, set_maintenance, cancel_job, retry_job, fail_crashed, clear_suspect,
               write_progress, sweep_history, spend_tokens, block_group, count_calls, set_queue_warning, flush_failed,
               add_organisation, edit_organisation, remove_organisation, add_token, remove_token, note_token_uses,
               add_user, edit_user, remove_user, open_session, close_session, note_audit, do_once, keep_answer,
               set_webhook_secret, stage_body, take_staged_body, drop_staged_body, sweep_staged_bodies>;

} // namespace penstock
