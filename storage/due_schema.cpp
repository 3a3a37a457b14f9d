#include "storage/due_schema.hpp"

namespace penstock::storage {

migration due_migration() {
  return {
    "engine",
    21,
    "due and triggered integrations apart",
    {
      // One for each integration that has a next_due_at and is not triggered: the same moment, in its order.
      "CREATE TABLE due_integrations (next_due_at BIGINT NOT NULL, integration_id BIGINT NOT NULL, "
      "organisation_id BIGINT, PRIMARY KEY (next_due_at, integration_id)){clustered}",
      "INSERT INTO due_integrations (next_due_at, integration_id, organisation_id) "
      "SELECT next_due_at, id, organisation_id FROM integrations WHERE next_due_at IS NOT NULL",
      "DROP INDEX integrations_due",
      // What the due check triggered: it counts as `processing`, whatever its own row says, until that is
      // written for the first time since.
      "CREATE TABLE triggered_integrations (integration_id {id}, organisation_id BIGINT, "
      "triggered_at BIGINT NOT NULL)",
      "CREATE INDEX triggered_integrations_at ON triggered_integrations (triggered_at)",
      "DROP VIEW v_integrations",
      "CREATE VIEW v_integrations AS SELECT i.id, i.service, i.name, i.organisation_id, i.owner, i.config, "
      "CASE WHEN t.triggered_at IS NOT NULL THEN 'processing' WHEN i.status = 0 THEN 'idle' "
      "WHEN i.status = 1 THEN 'processing' WHEN i.status = 2 THEN 'failed' WHEN i.status = 3 THEN 'requires_reauth' "
      "WHEN i.status = 4 THEN 'paused' ELSE 'disconnected' END AS status, "
      "i.frequency_us / 60000000 AS update_frequency_minutes, i.consecutive_failures, i.live_run_id, i.last_error, "
      "CASE WHEN t.triggered_at IS NOT NULL THEN {utc:t.triggered_at} ELSE {utc:i.last_triggered_at} END "
      "AS last_triggered_at, {utc:i.last_successful_update_at} AS last_successful_update_at, "
      "CASE WHEN t.triggered_at IS NULL THEN {utc:i.next_due_at} END AS next_due_at, "
      "{utc:i.created_at} AS created_at, "
      "CASE WHEN t.triggered_at IS NOT NULL THEN {utc:t.triggered_at} ELSE {utc:i.updated_at} END AS updated_at "
      "FROM integrations i LEFT JOIN triggered_integrations t ON t.integration_id = i.id",
    }};
}

} // namespace penstock::storage
