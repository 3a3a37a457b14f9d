#include "storage/schedule_schema.hpp"

namespace penstock::storage {

migration schedule_migration() {
  return {"engine",
          2,
          "complete the schedules",
          {
            "ALTER TABLE schedules ADD COLUMN overlap SMALLINT NOT NULL DEFAULT 0",
            "ALTER TABLE schedules ADD COLUMN weekdays SMALLINT NOT NULL DEFAULT 127",
            "ALTER TABLE schedules ADD COLUMN jitter_us BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE schedules ADD COLUMN stagger_us BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE schedules ADD COLUMN more_jobs TEXT",
            "ALTER TABLE schedules ADD COLUMN effective_from BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE schedules ADD COLUMN last_outcome SMALLINT",
            "ALTER TABLE schedules ADD COLUMN edited BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE schedules ADD COLUMN declared SMALLINT NOT NULL DEFAULT 0",
            "UPDATE schedules SET effective_from = created_at",
            // `jobs`: ids in decimal, separated by commas.
            "CREATE TABLE schedule_occurrences (schedule TEXT NOT NULL, occurrence BIGINT NOT NULL, "
            "decided_at BIGINT NOT NULL, reason SMALLINT NOT NULL, outcome SMALLINT NOT NULL, jobs TEXT, note TEXT, "
            "PRIMARY KEY (schedule, occurrence))",
            "CREATE INDEX schedule_occurrences_decided ON schedule_occurrences (decided_at)",
            // Jobs of firings that had not ended when the schedule fired last: the next firing looks again.
            "CREATE TABLE schedule_jobs (schedule TEXT NOT NULL, job_id BIGINT NOT NULL, occurrence BIGINT NOT NULL, "
            "PRIMARY KEY (schedule, job_id))",
          }};
}

migration dry_run_migration() {
  return {"engine",
          3,
          "keep what dry runs would change",
          {
            "ALTER TABLE runs ADD COLUMN dry SMALLINT NOT NULL DEFAULT 0",
            "CREATE TABLE run_tables (run_id BIGINT NOT NULL, table_name TEXT NOT NULL, rows_added BIGINT NOT NULL, "
            "rows_updated BIGINT NOT NULL, rows_unchanged BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, "
            "PRIMARY KEY (run_id, table_name))",
            "CREATE TABLE run_differences (id {serial}, run_id BIGINT NOT NULL, table_name TEXT NOT NULL, "
            "source_id TEXT NOT NULL, change SMALLINT NOT NULL, before_row TEXT, after_row TEXT)",
            "CREATE INDEX run_differences_run ON run_differences (run_id, id)",
          }};
}

migration schedule_views_migration() {
  return {
    "engine",
    4,
    "show schedules and dry runs readably",
    {
      "DROP VIEW v_schedules",
      "CREATE VIEW v_schedules AS SELECT name, rule, time_zone, kind, args, queue, enabled, CASE overlap "
      "WHEN 0 THEN 'skip' WHEN 1 THEN 'queue_one' WHEN 2 THEN 'queue_all' WHEN 3 THEN 'cancel_running' ELSE 'allow' "
      "END "
      "AS overlap, weekdays, catch_up_us / 1000000 AS catch_up_seconds, jitter_us / 1000000 AS jitter_seconds, "
      "stagger_us / 1000000 AS stagger_seconds, more_jobs, CASE last_outcome WHEN 0 THEN 'fired' WHEN 1 THEN 'queued' "
      "WHEN 2 THEN 'skipped' WHEN 3 THEN 'missed' END AS last_outcome, {utc:last_fired_at} AS last_fired_at, "
      "{utc:effective_from} AS effective_from, {utc:created_at} AS created_at FROM schedules",
      "CREATE VIEW v_schedule_occurrences AS SELECT schedule, {utc:occurrence} AS occurrence, CASE reason "
      "WHEN 0 THEN 'on_time' WHEN 1 THEN 'catch_up' WHEN 2 THEN 'manual' ELSE 'backfill' END AS reason, CASE outcome "
      "WHEN 0 THEN 'fired' WHEN 1 THEN 'queued' WHEN 2 THEN 'skipped' ELSE 'missed' END AS outcome, jobs, note, "
      "{utc:decided_at} AS decided_at FROM schedule_occurrences",
      "DROP VIEW v_runs",
      "CREATE VIEW v_runs AS SELECT id, integration_id, root_job_id, CASE state WHEN 0 THEN 'running' "
      "WHEN 1 THEN 'completed' WHEN 2 THEN 'completed_with_failures' WHEN 3 THEN 'failed' ELSE 'cancelled' END AS "
      "state, "
      "dry AS dry_run, rows_added, rows_updated, rows_unchanged, rows_deleted, rows_errors, pages, error, "
      "triggered_by, "
      "{utc:started_at} AS started_at, {utc:ended_at} AS ended_at FROM runs",
    }};
}

} // namespace penstock::storage
