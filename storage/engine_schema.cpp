#include "storage/engine_schema.hpp"

#include "storage/access_schema.hpp"
#include "storage/change_feed_schema.hpp"
#include "storage/cluster_schema.hpp"
#include "storage/due_schema.hpp"
#include "storage/payload_schema.hpp"
#include "storage/plain_schema.hpp"
#include "storage/row_error_schema.hpp"
#include "storage/schedule_schema.hpp"
#include "storage/secrets_schema.hpp"
#include "storage/stream_index_schema.hpp"
#include "storage/user_schema.hpp"
#include "storage/webhook_schema.hpp"

namespace penstock::storage {
namespace {

// Jobs. `ties` says what hangs on a job's end (job_ties.hpp). An active job is a waiting one that is named in `slots`:
// a claim writes one small row for many jobs, and recovery reads those rows alone.
//
// The row of a job with a group keeps its size when it ends plainly, which SQLite rewards: it writes such a row in place
// (one without a group is not written at all, plain_schema.cpp). So both times stand from the start (as run_at; they mean nothing before the job ended), and `spare` is 2 while the job waits
// and 0 after: it gives up the byte that `state` takes then (0 and 1 take none). docs/performance.md has the figures.
const std::vector<std::string> job_tables{
  "CREATE TABLE queues (id {serial}, name TEXT NOT NULL UNIQUE, paused SMALLINT NOT NULL DEFAULT 0)",
  "CREATE TABLE kinds (id {serial}, name TEXT NOT NULL UNIQUE)",
  "CREATE TABLE jobs (id {id}, queue_id INTEGER NOT NULL, kind_id INTEGER NOT NULL, state SMALLINT NOT NULL, "
  "priority SMALLINT NOT NULL, attempts SMALLINT NOT NULL, ties SMALLINT NOT NULL, spare SMALLINT NOT NULL DEFAULT 2, "
  "run_at BIGINT NOT NULL, started_at BIGINT NOT NULL, finished_at BIGINT NOT NULL, args TEXT, result TEXT, "
  "max_attempts SMALLINT, backoff TEXT, timeout_us BIGINT, "
  "unique_key TEXT, group_key TEXT, stream TEXT, integration_id BIGINT, organisation_id BIGINT, run_id BIGINT, "
  "parent_id BIGINT, triggered_by TEXT, trace_id TEXT)",
  // A waiting job lies in one of two: those without a group are taken as they come, so a deep group hides none of them.
  // (plain_schema.cpp puts a table in the place of the first.)
  "CREATE INDEX jobs_waiting ON jobs (queue_id, priority, run_at, id) WHERE state = 0 AND group_key IS NULL",
  "CREATE INDEX jobs_grouped ON jobs (queue_id, priority, run_at, id) WHERE state = 0 AND group_key IS NOT NULL",
  "CREATE INDEX jobs_group ON jobs (queue_id, group_key, id) WHERE state = 0 AND group_key IS NOT NULL",
  "CREATE INDEX jobs_stream ON jobs (run_id, stream) WHERE state = 0 AND stream IS NOT NULL",
  "CREATE INDEX jobs_children ON jobs (parent_id) WHERE state < 3 AND parent_id IS NOT NULL",
  "CREATE INDEX jobs_run ON jobs (run_id, id) WHERE run_id IS NOT NULL",
  "CREATE INDEX jobs_integration ON jobs (integration_id, id) WHERE integration_id IS NOT NULL",
  "CREATE INDEX jobs_failed ON jobs (finished_at) WHERE state = 4",
  "CREATE TABLE job_payloads (job_id BIGINT NOT NULL, part SMALLINT NOT NULL, chunk INTEGER NOT NULL, "
  "body TEXT NOT NULL, PRIMARY KEY (job_id, part, chunk))",
  "CREATE TABLE unique_keys (key TEXT PRIMARY KEY NOT NULL, job_id BIGINT NOT NULL)",
  "CREATE TABLE job_children (parent_id {id}, open BIGINT NOT NULL, completed BIGINT NOT NULL, "
  "failed BIGINT NOT NULL, cancelled BIGINT NOT NULL)",
  "CREATE TABLE job_errors (id {serial}, job_id BIGINT NOT NULL, attempt SMALLINT NOT NULL, code TEXT NOT NULL, "
  "class TEXT NOT NULL, message TEXT NOT NULL, at BIGINT NOT NULL, node TEXT NOT NULL)",
  "CREATE INDEX job_errors_job ON job_errors (job_id, id)",
  "CREATE TABLE job_progress (job_id {id}, stage TEXT, message TEXT, percent SMALLINT, done BIGINT, total BIGINT, "
  "remaining_us BIGINT, at BIGINT NOT NULL)",
  "CREATE TABLE row_errors (id {serial}, job_id BIGINT, run_id BIGINT, table_name TEXT NOT NULL, "
  "source_id TEXT NOT NULL, message TEXT NOT NULL, at BIGINT NOT NULL)",
  "CREATE INDEX row_errors_job ON row_errors (job_id) WHERE job_id IS NOT NULL",
  "CREATE INDEX row_errors_run ON row_errors (run_id) WHERE run_id IS NOT NULL",
  "CREATE TABLE http_exchanges (id {serial}, job_id BIGINT NOT NULL, attempt SMALLINT NOT NULL, "
  "request_number SMALLINT NOT NULL, try_number SMALLINT NOT NULL, method TEXT NOT NULL, url TEXT NOT NULL, "
  "status INTEGER NOT NULL, error TEXT NOT NULL, took_us BIGINT NOT NULL, request_bytes BIGINT NOT NULL, "
  "response_bytes BIGINT NOT NULL, at BIGINT NOT NULL)",
  "CREATE INDEX http_exchanges_job ON http_exchanges (job_id, id)",
  "CREATE TABLE queue_counts (queue_id INTEGER NOT NULL, state SMALLINT NOT NULL, n BIGINT NOT NULL, "
  "PRIMARY KEY (queue_id, state))",
  // `jobs`: ids in decimal, separated by commas.
  "CREATE TABLE slots (queue_id INTEGER NOT NULL, slot INTEGER NOT NULL, alone SMALLINT NOT NULL, "
  "jobs TEXT NOT NULL, PRIMARY KEY (queue_id, slot))",
  "CREATE TABLE suspects (job_id {id}, queue_id INTEGER NOT NULL, deaths INTEGER NOT NULL)",
};

// runs.reauth: 1 when one of its jobs said that a person must authorise again, 2 when `error` is that job's too.
const std::vector<std::string> integration_tables{
  "CREATE TABLE integrations (id {id}, service TEXT NOT NULL, name TEXT NOT NULL, organisation_id BIGINT, owner TEXT, "
  "config TEXT NOT NULL, status SMALLINT NOT NULL, frequency_us BIGINT NOT NULL, last_triggered_at BIGINT, "
  "last_successful_update_at BIGINT, consecutive_failures INTEGER NOT NULL, next_due_at BIGINT, live_run_id BIGINT, "
  "last_error TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)",
  "CREATE INDEX integrations_due ON integrations (next_due_at) WHERE next_due_at IS NOT NULL",
  "CREATE INDEX integrations_processing ON integrations (last_triggered_at) WHERE status = 1",
  "CREATE INDEX integrations_organisation ON integrations (organisation_id) WHERE organisation_id IS NOT NULL",
  // `body` is sealed: only who holds the key file can read the tokens.
  "CREATE TABLE credentials (id {id}, integration_id BIGINT NOT NULL UNIQUE, version BIGINT NOT NULL, "
  "body TEXT NOT NULL, updated_at BIGINT NOT NULL)",
  "CREATE TABLE runs (id {id}, integration_id BIGINT NOT NULL, root_job_id BIGINT NOT NULL, state SMALLINT NOT NULL, "
  "rows_added BIGINT NOT NULL, rows_updated BIGINT NOT NULL, rows_unchanged BIGINT NOT NULL, "
  "rows_deleted BIGINT NOT NULL, rows_errors BIGINT NOT NULL, pages BIGINT NOT NULL, reauth SMALLINT NOT NULL, "
  "error TEXT, triggered_by TEXT, started_at BIGINT NOT NULL, ended_at BIGINT)",
  "CREATE INDEX runs_integration ON runs (integration_id, id)",
  "CREATE INDEX runs_root ON runs (root_job_id)",
  "CREATE TABLE run_streams (run_id BIGINT NOT NULL, stream TEXT NOT NULL, stopped_by_job BIGINT NOT NULL, "
  "PRIMARY KEY (run_id, stream))",
  "CREATE TABLE stream_cursors (integration_id BIGINT NOT NULL, stream TEXT NOT NULL, cursor TEXT NOT NULL, "
  "run_id BIGINT, page BIGINT NOT NULL, gap TEXT, updated_at BIGINT NOT NULL, PRIMARY KEY (integration_id, stream))",
  "CREATE TABLE schedules (name TEXT PRIMARY KEY NOT NULL, rule TEXT NOT NULL, time_zone TEXT NOT NULL, "
  "kind TEXT NOT NULL, args TEXT NOT NULL, queue TEXT, enabled SMALLINT NOT NULL, catch_up_us BIGINT NOT NULL, "
  "last_fired_at BIGINT, created_at BIGINT NOT NULL)",
  "CREATE TABLE events (position {id}, id BIGINT NOT NULL UNIQUE, type TEXT NOT NULL, source TEXT NOT NULL, "
  "subject TEXT NOT NULL, time BIGINT NOT NULL, data TEXT NOT NULL, integration_id BIGINT, organisation_id BIGINT)",
  "CREATE INDEX events_subject ON events (subject, position)",
};

// The stable surface for people's own SQL: readable names and times.
const std::vector<std::string> views{
  "CREATE VIEW v_queues AS SELECT q.name, q.paused, "
  "COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 0), 0) AS waiting_or_active, "
  "COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 2), 0) AS awaiting_children, "
  "COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 3), 0) AS completed, "
  "COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 4), 0) AS failed, "
  "COALESCE((SELECT n FROM queue_counts c WHERE c.queue_id = q.id AND c.state = 5), 0) AS cancelled FROM queues q",
  "CREATE VIEW v_jobs AS SELECT j.id, q.name AS queue, k.name AS kind, CASE j.state "
  "WHEN 0 THEN CASE WHEN EXISTS (SELECT 1 FROM slots s WHERE s.queue_id = j.queue_id AND "
  "',' || s.jobs || ',' LIKE '%,' || j.id || ',%') THEN 'active' ELSE 'waiting' END "
  "WHEN 2 THEN 'awaiting_children' WHEN 3 THEN 'completed' WHEN 4 THEN 'failed' ELSE 'cancelled' END AS state, "
  "j.priority, j.attempts, j.max_attempts, j.args, j.result, j.unique_key, j.group_key, j.stream, j.integration_id, "
  "j.organisation_id, j.run_id, j.parent_id, j.triggered_by, j.trace_id, {id_utc:j.id} AS created_at, "
  "{utc:j.run_at} AS run_at, CASE WHEN j.state >= 2 AND j.started_at > 0 THEN {utc:j.started_at} END AS started_at, "
  "CASE WHEN j.state >= 3 THEN {utc:j.finished_at} END AS finished_at "
  "FROM jobs j JOIN queues q ON q.id = j.queue_id JOIN kinds k ON k.id = j.kind_id",
  "CREATE VIEW v_integrations AS SELECT id, service, name, organisation_id, owner, config, CASE status "
  "WHEN 0 THEN 'idle' WHEN 1 THEN 'processing' WHEN 2 THEN 'failed' WHEN 3 THEN 'requires_reauth' WHEN 4 THEN 'paused' "
  "ELSE 'disconnected' END AS status, frequency_us / 60000000 AS update_frequency_minutes, consecutive_failures, "
  "live_run_id, last_error, {utc:last_triggered_at} AS last_triggered_at, "
  "{utc:last_successful_update_at} AS last_successful_update_at, {utc:next_due_at} AS next_due_at, "
  "{utc:created_at} AS created_at, {utc:updated_at} AS updated_at FROM integrations",
  "CREATE VIEW v_runs AS SELECT id, integration_id, root_job_id, CASE state WHEN 0 THEN 'running' "
  "WHEN 1 THEN 'completed' WHEN 2 THEN 'completed_with_failures' WHEN 3 THEN 'failed' ELSE 'cancelled' END AS state, "
  "rows_added, rows_updated, rows_unchanged, rows_deleted, rows_errors, pages, error, triggered_by, "
  "{utc:started_at} AS started_at, {utc:ended_at} AS ended_at FROM runs",
  "CREATE VIEW v_events AS SELECT position, id, type, source, subject, {utc:time} AS time, data, integration_id, "
  "organisation_id FROM events",
  "CREATE VIEW v_schedules AS SELECT name, rule, time_zone, kind, args, queue, enabled, "
  "catch_up_us / 1000000 AS catch_up_seconds, {utc:last_fired_at} AS last_fired_at, {utc:created_at} AS created_at "
  "FROM schedules",
};

// Groups, shared limits, logs and health of queues.
const std::vector<std::string> queue_additions{
  // The jobs of one lane in order; jobs_group finds the first of a group that runs in order, and lanes.
  "CREATE INDEX jobs_lane ON jobs (queue_id, group_key, priority, run_at, id) WHERE state = 0 AND group_key IS NOT "
  "NULL",
  // Buckets of tokens that nodes share, by what they limit; `calls` of a run; blocks that a provider or a rule asked for.
  "CREATE TABLE shared_limits (name TEXT PRIMARY KEY NOT NULL, parts BIGINT NOT NULL, calls BIGINT NOT NULL, "
  "updated_at BIGINT NOT NULL, blocked_until BIGINT NOT NULL)",
  "CREATE INDEX shared_limits_blocked ON shared_limits (blocked_until) WHERE blocked_until > 0",
  "ALTER TABLE unique_keys ADD COLUMN keep_until BIGINT",
  "CREATE INDEX unique_keys_kept ON unique_keys (keep_until) WHERE keep_until IS NOT NULL",
  "ALTER TABLE slots ADD COLUMN since BIGINT",
  "CREATE TABLE job_logs (id {serial}, job_id BIGINT NOT NULL, attempt SMALLINT NOT NULL, at BIGINT NOT NULL, "
  "level SMALLINT NOT NULL, message TEXT NOT NULL)",
  "CREATE INDEX job_logs_job ON job_logs (job_id, id)",
  "ALTER TABLE http_exchanges ADD COLUMN request_body TEXT",
  "ALTER TABLE http_exchanges ADD COLUMN response_body TEXT",
  "CREATE TABLE queue_warnings (queue TEXT NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL, since BIGINT NOT NULL, "
  "PRIMARY KEY (queue, kind))",
};

} // namespace

std::vector<migration> engine_migrations() {
  migration first{"engine", 1, "create the engine's tables", job_tables};
  first.statements.insert(first.statements.end(), integration_tables.begin(), integration_tables.end());
  first.statements.insert(first.statements.end(), views.begin(), views.end());
  return {std::move(first),
          schedule_migration(),
          dry_run_migration(),
          schedule_views_migration(),
          {"engine", 5, "lanes, shared limits, logs and warnings of queues", queue_additions},
          cluster_migration(),
          due_migration(),
          plain_migration(),
          access_migration(),
          webhook_migration(),
          user_migration(),
          change_feed_migration(),
          secrets_migration(),
          row_error_migration(),
          payload_migration(),
          key_change_migration(),
          stream_index_migration()};
}

} // namespace penstock::storage
