// What the description of the API says of each route. A test holds it against the routes and their readers.
#include "gateway/route_doc.hpp"

namespace penstock::gateway {
namespace {

constexpr route_doc executions[] = {
  {"POST", "/api/v1/executions", "Enqueue a job, or an array of at most 10,000: all or none.", 201,
   "{id:id deduplicated:bool once_more:bool items:[object]}", "",
   "kind:text! args:object queue:text priority:int delay_ms:ms run_at:time unique_key:text unique_for_ms:ms "
   "once_more:bool group_key:text organisation_id:id keep_bodies:bool max_attempts:int timeout_ms:ms backoff:text"},
  {"GET", "/api/v1/executions", "Jobs, the newest first.", 200, "page execution",
   "state:text queue:text kind:text integration:id run:id q:text limit:int cursor:text"},
  {"GET", "/api/v1/executions/{id}", "One job.", 200, "execution"},
  {"GET", "/api/v1/executions/{id}/logs", "A job's own log lines, of the attempts that have ended.", 200,
   "page log_line", "limit:int cursor:text"},
  {"GET", "/api/v1/executions/{id}/exchanges", "The HTTP requests that a job made.", 200, "page exchange",
   "limit:int cursor:text"},
  {"POST", "/api/v1/executions/{id}/cancel", "Cancel a job; 202 if it runs and was told to stop.", 200,
   "{id:id state:text cancelling:bool}", "", "reason:text", 202},
  {"POST", "/api/v1/executions/{id}/retry", "Let a failed job wait again.", 202, "{id:id deduplicated:bool}"},
  {"POST", "/api/v1/executions/bulk", "Retry or cancel the jobs that a filter fits, at most 10,000.", 200,
   "{action:text preview:bool matched:int done:int refused:int refusal:text? more:bool}", "",
   "action:text! filter:object! preview:bool reason:text"},
  {"GET", "/api/v1/queues", "The queues, by name.", 200, "page queue", "limit:int cursor:text"},
  {"GET", "/api/v1/queues/{name}", "One queue.", 200, "queue"},
  {"POST", "/api/v1/queues/{name}/pause", "Start no more of its jobs.", 200, "queue"},
  {"POST", "/api/v1/queues/{name}/resume", "Start its jobs again.", 200, "queue"},
  {"POST", "/api/v1/queues/{name}/retry-failed", "Let its failed jobs wait again, at most 10,000.", 200,
   "{retried:int refused:int refusal:text? more:bool}"},
  {"POST", "/api/v1/queues/{name}/flush", "Remove its failed jobs, at most 10,000.", 200, "{removed:int more:bool}", "",
   "older_than_ms:ms"},
  {"POST", "/api/v1/queues/{name}/work-once", "Start the job that comes first; 200 without one.", 202,
   "{job_id:id?}", "", "", 200},
  {"GET", "/api/v1/queues/{name}/health", "Whether it is well, and why not.", 200, "queue_health"},
  {"GET", "/api/v1/queues/{name}/history", "What ended in each minute since the node began.", 200,
   "{name:text since:time? minutes:[object]}"},
};

constexpr route_doc integrations[] = {
  {"POST", "/api/v1/integrations", "Add an integration.", 201, "integration", "",
   "service:text! name:text config:object organisation_id:id update_frequency_minutes:int?"},
  {"GET", "/api/v1/integrations", "Integrations, the newest first.", 200, "page integration",
   "service:text status:text organisation:id limit:int cursor:text"},
  {"GET", "/api/v1/integrations/{id}", "One integration.", 200, "integration"},
  {"PATCH", "/api/v1/integrations/{id}", "Edit an integration.", 200, "integration", "",
   "name:text config:object update_frequency_minutes:int?"},
  {"DELETE", "/api/v1/integrations/{id}", "Remove an integration; with rows=1 also what it synced.", 204, "",
   "rows:bool"},
  {"GET", "/api/v1/integrations/{id}/runs", "Its syncs, the latest first.", 200, "page run", "limit:int cursor:text"},
  {"GET", "/api/v1/integrations/{id}/runs/{run}", "One sync; of a dry one what it would have done.", 200,
   "{run:object difference:object?}"},
  {"GET", "/api/v1/integrations/{id}/row-errors", "Rows that could not be stored, and why, the latest first.", 200,
   "page row_error", "table:text kind:text run:id job:id since:time limit:int cursor:text"},
  {"POST", "/api/v1/integrations/{id}/fetch", "Start a sync.", 202, "{job_id:id deduplicated:bool dry_run:bool}", "",
   "force:bool dry_run:bool"},
  {"POST", "/api/v1/integrations/{id}/pause", "Start no more of its syncs.", 200, "integration"},
  {"POST", "/api/v1/integrations/{id}/resume", "Start its syncs again.", 200, "integration"},
  {"POST", "/api/v1/integrations/{id}/reset", "Read from the beginning, from a moment, or from a cursor.", 200,
   "integration", "", "stream:text from:time cursor:object"},
  {"GET", "/api/v1/integrations/{id}/cursors", "How far each of its streams is stored, by stream.", 200, "page cursor",
   "limit:int cursor:text"},
  {"POST", "/api/v1/integrations/{id}/authorize", "Make a link for the browser of whoever can consent.", 201,
   "{url:text expires_at:time}"},
  {"POST", "/api/v1/integrations/{id}/token", "Store its own token, encrypted, and begin a sync with it.", 200,
   "integration", "", "token:text!"},
  {"POST", "/api/v1/integrations/{id}/webhook-secret",
   "Make a new secret for the address of its webhooks, told this once; the former one is good for nothing from now on.",
   201, "{url:text secret:text signing_secret:text?}", "", "signing_secret:text"},
  {"POST", "/webhooks/{service}/{secret}", "What a provider sends: a job, once the body is stored.", 202,
   "{job_id:id deduplicated:bool}", "", "anything"},
  {"POST", "/webhooks/{service}", "The same with the secret in X-Webhook-Secret, api-key or Authorization.", 202,
   "{job_id:id deduplicated:bool}", "", "anything"},
  {"GET", "/oauth/{service}/start", "A browser goes to the provider, by a one-time link or by who signed in.", 302,
   "html", "integration:id! link:text"},
  {"GET", "/oauth/{service}/callback", "A browser comes back from the provider.", 200, "html",
   "state:text! code:text error:text error_description:text"},
};

constexpr std::string_view new_schedule =
  "name:text! cron:text every:text time_zone:text kind:text! args:object queue:text? more_jobs:[object]? enabled:bool "
  "overlap:text catch_up_ms:ms? weekdays:[text]? jitter_ms:ms stagger_ms:ms";
constexpr std::string_view schedule_edit =
  "cron:text every:text time_zone:text kind:text args:object more_jobs:[object]? enabled:bool overlap:text "
  "catch_up_ms:ms? weekdays:[text]? jitter_ms:ms stagger_ms:ms";

constexpr route_doc schedules[] = {
  {"GET", "/api/v1/schedules", "The schedules, by name.", 200, "page schedule", "limit:int cursor:text"},
  {"POST", "/api/v1/schedules", "Make a schedule.", 201, "schedule", "", new_schedule},
  {"GET", "/api/v1/schedules/preview", "When a rule fires.", 200,
   "{rule:text time_zone:text items:[object] next_cursor:text?}", "cron:text! tz:text from:time until:time count:int"},
  {"GET", "/api/v1/schedules/{name}", "One schedule.", 200, "schedule"},
  {"PATCH", "/api/v1/schedules/{name}", "Edit a schedule.", 200, "schedule", "", schedule_edit},
  {"DELETE", "/api/v1/schedules/{name}", "Remove a schedule that a person made.", 204},
  {"GET", "/api/v1/schedules/{name}/occurrences", "What became of each occurrence, the latest first.", 200,
   "page occurrence", "limit:int cursor:text"},
  {"POST", "/api/v1/schedules/{name}/trigger", "Make its jobs now; 200 if its overlap policy skips them.", 202,
   "{schedule:text at:time outcome:text job_ids:[id] note:text?}", "", "", 200},
  {"POST", "/api/v1/schedules/{name}/backfill", "Make the jobs of a past range, each occurrence once.", 202,
   "{schedule:text from:time to:time occurrences:int preview:bool count:int already_fired:int items:[object]}", "",
   "from:time! to:time! preview:bool", 200},
  {"GET", "/api/v1/events", "Stored events.", 200, "page event",
   "type:text source:text subject:text since:time order:text limit:int cursor:text"},
  {"GET", "/api/v1/events/stats", "How many events of each type there are since then (default: a day ago).", 200,
   "{since:time total:int items:[object]}", "since:time"},
  {"POST", "/api/v1/events", "Emit an event of one's own.", 201, "{emitted:bool repeated:bool}", "",
   "type:text! subject:text data:object integration_id:id organisation_id:id"},
  {"GET", "/api/v1/changes", "Synced rows that were added, updated or deleted, in order, with what they hold by now.",
   200, "{items:[object] next_since:text more:bool}", "table:text since:text limit:int"},
  {"GET", "/api/v1/maintenance", "Whether maintenance is on.", 200, "{on:bool since:time? by:text?}"},
  {"POST", "/api/v1/maintenance", "Start no jobs and fire no schedules, or go on.", 200,
   "{on:bool since:time? by:text?}", "", "on:bool!"},
  {"GET", "/api/v1/events/stream", "Events as they happen, as server-sent events.", 200, "events",
   "type:text source:text subject:text since:time live:bool after:text"},
};

constexpr route_doc access[] = {
  {"POST", "/api/v1/organisations", "Add an organisation.", 201, "organisation", "", "name:text!"},
  {"GET", "/api/v1/organisations", "Organisations, the newest first.", 200, "page organisation",
   "limit:int cursor:text"},
  {"GET", "/api/v1/organisations/{id}", "One organisation.", 200, "organisation"},
  {"PATCH", "/api/v1/organisations/{id}", "Rename an organisation.", 200, "organisation", "", "name:text"},
  {"DELETE", "/api/v1/organisations/{id}", "Remove an organisation without integrations, its tokens and users.", 204},
  {"POST", "/api/v1/tokens", "Make a token; the answer holds it, this once.", 201,
   "{id:id name:text role:text organisation_id:id? created_by:text created_at:time expires_at:time? "
   "last_used_at:time? token:text}",
   "", "name:text! role:text! organisation_id:id expires_at:time expires_in_ms:ms"},
  {"GET", "/api/v1/tokens", "Tokens, the newest first.", 200, "page token", "limit:int cursor:text"},
  {"GET", "/api/v1/tokens/{id}", "One token.", 200, "token"},
  {"DELETE", "/api/v1/tokens/{id}", "Revoke a token.", 204},
  {"POST", "/api/v1/users", "Let somebody sign in.", 201, "user", "",
   "name:text! password:text! role:text! organisation_id:id"},
  {"GET", "/api/v1/users", "Who may sign in, the newest first.", 200, "page user", "limit:int cursor:text"},
  {"GET", "/api/v1/users/{id}", "One user.", 200, "user"},
  {"PATCH", "/api/v1/users/{id}", "Change a role or a password; ends the user's sessions.", 200, "user", "",
   "role:text password:text"},
  {"DELETE", "/api/v1/users/{id}", "Let somebody sign in no more.", 204},
  {"POST", "/api/v1/session", "Sign in; the answer sets the session's cookie.", 201, "{user:object expires_at:time}",
   "", "name:text! password:text!"},
  {"GET", "/api/v1/session", "Who the caller is.", 200,
   "{name:text role:text organisation_id:id? user_id:id? token_id:id? expires_at:time?}"},
  {"DELETE", "/api/v1/session", "Sign out.", 204},
  {"PATCH", "/api/v1/session", "Change one's own password; ends one's other sessions.", 204, "", "",
   "password:text! new_password:text!"},
  {"GET", "/api/v1/audit", "Who changed what, the latest first.", 200, "page audit_entry",
   "actor:text subject:text limit:int cursor:text"},
  {"GET", "/healthz", "Whether the process answers.", 200, "{status:text}"},
  {"GET", "/readyz", "Whether the database answers and takes writes, and queues run.", 200, "{status:text queues:int}"},
  {"GET", "/api/v1/node", "What this node is.", 200,
   "{name:text version:text ready:bool started_at:time uptime_ms:ms now:time queues:[text] services:[text]}"},
  {"GET", "/api/openapi.json", "This description.", 200, "object"},
};

} // namespace

std::span<const route_doc> execution_docs() { return executions; }
std::span<const route_doc> integration_docs() { return integrations; }
std::span<const route_doc> schedule_docs() { return schedules; }
std::span<const route_doc> access_docs() { return access; }

} // namespace penstock::gateway
