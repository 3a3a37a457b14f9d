#include "storage/plain_schema.hpp"

namespace penstock::storage {

migration plain_migration() {
  return {
    "engine",
    22,
    "order and plain ends of jobs apart",
    {
      // One for each job without a group whose state is 0 and that has no plain end; `tied` is 0 where jobs.ties is.
      "CREATE TABLE waiting_jobs (queue_id INTEGER NOT NULL, priority SMALLINT NOT NULL, run_at BIGINT NOT NULL, "
      "id BIGINT NOT NULL, attempts SMALLINT NOT NULL, tied SMALLINT NOT NULL, "
      "PRIMARY KEY (queue_id, priority, run_at, id)){clustered}",
      "INSERT INTO waiting_jobs (queue_id, priority, run_at, id, attempts, tied) SELECT queue_id, priority, run_at, "
      "id, "
      "attempts, CASE WHEN ties = 0 THEN 0 ELSE 1 END FROM jobs WHERE state = 0 AND group_key IS NULL "
      "ORDER BY queue_id, priority, run_at, id",
      "DROP INDEX jobs_waiting",
      // A job that is here has completed, at its next attempt, whatever its own row says.
      "CREATE TABLE plain_ends (job_id {id}, started_at BIGINT NOT NULL, finished_at BIGINT NOT NULL)",
      "CREATE VIEW job_states AS SELECT j.id, j.queue_id, j.kind_id, "
      "CASE WHEN e.job_id IS NULL THEN j.state ELSE 3 END AS state, "
      "CASE WHEN e.job_id IS NULL THEN j.attempts ELSE j.attempts + 1 END AS attempts, "
      "COALESCE(e.started_at, j.started_at) AS started_at, COALESCE(e.finished_at, j.finished_at) AS finished_at "
      "FROM jobs j LEFT JOIN plain_ends e ON e.job_id = j.id",
      "DROP VIEW v_jobs",
      "CREATE VIEW v_jobs AS SELECT j.id, q.name AS queue, k.name AS kind, "
      "CASE WHEN e.job_id IS NOT NULL THEN 'completed' WHEN j.state = 0 THEN CASE WHEN EXISTS (SELECT 1 FROM slots s "
      "WHERE s.queue_id = j.queue_id AND ',' || s.jobs || ',' LIKE '%,' || j.id || ',%') THEN 'active' ELSE 'waiting' "
      "END "
      "WHEN j.state = 2 THEN 'awaiting_children' WHEN j.state = 3 THEN 'completed' WHEN j.state = 4 THEN 'failed' "
      "ELSE 'cancelled' END AS state, j.priority, "
      "CASE WHEN e.job_id IS NULL THEN j.attempts ELSE j.attempts + 1 END AS attempts, j.max_attempts, j.args, "
      "j.result, "
      "j.unique_key, j.group_key, j.stream, j.integration_id, j.organisation_id, j.run_id, j.parent_id, "
      "j.triggered_by, "
      "j.trace_id, {id_utc:j.id} AS created_at, {utc:j.run_at} AS run_at, "
      "CASE WHEN e.job_id IS NOT NULL THEN {utc:e.started_at} "
      "WHEN j.state >= 2 AND j.started_at > 0 THEN {utc:j.started_at} END AS started_at, "
      "CASE WHEN e.job_id IS NOT NULL THEN {utc:e.finished_at} "
      "WHEN j.state >= 3 THEN {utc:j.finished_at} END AS finished_at "
      "FROM jobs j JOIN queues q ON q.id = j.queue_id JOIN kinds k ON k.id = j.kind_id "
      "LEFT JOIN plain_ends e ON e.job_id = j.id",
    }};
}

} // namespace penstock::storage
