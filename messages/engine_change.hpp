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
#include "messages/credential.hpp"
#include "messages/integration.hpp"
#include "messages/job_kind.hpp"
#include "messages/schedule.hpp"

/// Writes to the engine's own tables, as data. Each says what it requires; a requirement that does not hold refuses
/// the whole unit (`conflict` or `not_found`).
namespace penstock {

/// Adds an integration (id 0: drawn by the store, told in unit_result::created). Raises integration.connected.
struct add_integration { integration value; };

/// Changes name, config or frequency of an integration. Absent values stay.
struct edit_integration {
  integration_id id{};
  std::optional<std::string> name, config;
  std::optional<duration> frequency; ///< zero: none
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
struct start_run {
  run_id id{};
  integration_id integration{};
  job_id root{};
  std::string triggered_by;
};

/// Sets or clears committed cursors by hand. Refused with `conflict` while a run is live.
struct reset_cursor {
  integration_id integration{};
  std::string stream; ///< empty: all streams
  std::string cursor; ///< empty: from the beginning
};

/// Finds integrations that are due, marks them triggered and enqueues `integration.process` for each, at most `limit`.
/// `created` tells how many. Also repairs integrations that are `processing` without a live run.
struct trigger_due_integrations { std::int64_t limit = 10'000; };

/// Marks one integration as triggered now, whether due or not (the caller enqueues integration.process).
struct mark_triggered { integration_id id{}; };

/// Writes tokens, encrypted. Refused with `conflict` unless the stored version is `replaces` (0: none stored).
struct store_credential {
  credential value;
  std::int64_t replaces = 0;
};

/// Adds a schedule or changes its rule. Of an existing one last_fired_at and `enabled` stay, so that a node that puts
/// its schedules at each start undoes nothing that a person did.
struct put_schedule { schedule value; };
struct remove_schedule { std::string name; };
struct enable_schedule { std::string name; bool enabled = true; };

/// Compare-and-set of a schedule's last occurrence, in the transaction that enqueues its jobs: no tick is doubled.
struct fire_schedule {
  std::string name;
  timestamp expected_last = no_time;
  timestamp occurrence = no_time;
};

struct pause_queue { std::string name; bool paused = true; };

/// A job that waits, or awaits its children, is cancelled; open children and counters of its parent follow. Refused
/// with `conflict` in other states, and while a slot holds it (its queue cancels it then).
struct cancel_job { job_id id{}; std::string reason; };

/// A failed job waits again with fresh attempts, its ended children forgotten. If a successor holds its unique key,
/// nothing changes and `created` holds the successor's id instead of its own. Refused with `conflict` in other states,
/// and where its stream was stopped in its run or the run was cancelled: what it would fetch is dropped.
struct retry_job { job_id id{}; };

/// A job that was active when the process died three times alone: fails with class `crashed`.
struct fail_crashed { job_id id{}; };

/// Removes what recovery kept about a suspect after its turn.
struct clear_suspect { job_id id{}; };

/// Latest progress of a running job, replaced each time.
struct write_progress { job_id id{}; progress value; };

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
/// and cancelled jobs, failed jobs, events, runs. Runs go with `completed_before`, once none of their jobs is left; the
/// last of each integration stays. Of ended jobs and events beyond the counts the oldest go, however young they are.
struct sweep_history {
  timestamp completed_before = no_time, failed_before = no_time, events_before = no_time;
  std::int64_t most_ended_jobs = 0, most_events = 0; ///< 0: any number
  /// Queues whose ended jobs have ages of their own; no_time: they are kept.
  struct exception {
    std::string queue;
    timestamp completed_before = no_time, failed_before = no_time;
  };
  std::vector<exception> queues{};
  std::int64_t limit = 1000;
};

using engine_change = std::variant<add_integration, edit_integration, act_on_integration, remove_integration, start_run,
                                   reset_cursor, trigger_due_integrations, mark_triggered, store_credential,
                                   put_schedule, remove_schedule, enable_schedule, fire_schedule, pause_queue, cancel_job,
                                   retry_job, fail_crashed, clear_suspect, write_progress, sweep_history,
                                   spend_tokens, block_group, count_calls, set_queue_warning, flush_failed>;

} // namespace penstock
