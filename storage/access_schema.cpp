#include "storage/access_schema.hpp"

namespace penstock::storage {

migration access_migration() {
  return {
    "engine",
    23,
    "organisations, tokens, audit, and edits of a known version",
    {
      "CREATE TABLE organisations (id {id}, name TEXT NOT NULL UNIQUE, version BIGINT NOT NULL, "
      "created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)",
      // `hash` is the token's SHA-256 in hexadecimal digits; the token itself is nowhere.
      "CREATE TABLE access_tokens (id {id}, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, role SMALLINT NOT NULL, "
      "organisation_id BIGINT, created_by TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT, "
      "last_used_at BIGINT)",
      "CREATE TABLE audit_log (id {id}, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, "
      "subject TEXT NOT NULL, organisation_id BIGINT, before_json TEXT, after_json TEXT, request_id TEXT, address "
      "TEXT)",
      "CREATE INDEX audit_log_organisation ON audit_log (organisation_id, id) WHERE organisation_id IS NOT NULL",
      // `outcome`: what the unit of work answered; `status` and `body`: what the caller was told, once that is known.
      "CREATE TABLE once_keys (key TEXT PRIMARY KEY NOT NULL, fingerprint TEXT NOT NULL, at BIGINT NOT NULL, "
      "outcome TEXT, status SMALLINT, body TEXT)",
      "CREATE INDEX once_keys_at ON once_keys (at)",
      "CREATE INDEX events_organisation ON events (organisation_id, position) WHERE organisation_id IS NOT NULL",
      "INSERT INTO organisations (id, name, version, created_at, updated_at) SELECT organisation_id, 'organisation ' "
      "|| "
      "CAST(organisation_id AS TEXT), 1, MIN(created_at), MIN(created_at) FROM integrations WHERE organisation_id IS "
      "NOT "
      "NULL GROUP BY organisation_id",
      "ALTER TABLE integrations ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
      "ALTER TABLE schedules ADD COLUMN version BIGINT NOT NULL DEFAULT 1",
      "CREATE VIEW v_organisations AS SELECT id, name, version, {utc:created_at} AS created_at, {utc:updated_at} AS "
      "updated_at FROM organisations",
      "CREATE VIEW v_access_tokens AS SELECT id, name, CASE role WHEN 1 THEN 'viewer' WHEN 2 THEN 'operator' ELSE "
      "'admin' END AS role, organisation_id, created_by, {utc:created_at} AS created_at, {utc:expires_at} AS "
      "expires_at, {utc:last_used_at} AS last_used_at FROM access_tokens",
      "CREATE VIEW v_audit AS SELECT id, {utc:at} AS at, actor, action, subject, organisation_id, before_json, "
      "after_json, request_id, address FROM audit_log",
    }};
}

} // namespace penstock::storage
