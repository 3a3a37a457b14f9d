#include "storage/user_schema.hpp"

namespace penstock::storage {

migration user_migration() {
  return {
    "engine",
    25,
    "people who sign in, and their sessions",
    {
      // `password_hash`: what libsodium's crypto_pwhash_str makes, with its salt and its cost.
      "CREATE TABLE users (id {id}, name TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, role SMALLINT NOT NULL, "
      "organisation_id BIGINT, created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, "
      "last_signed_in_at BIGINT, version BIGINT NOT NULL)",
      // `hash` is the SHA-256 of what the browser's cookie holds; that itself is nowhere.
      "CREATE TABLE user_sessions (hash TEXT PRIMARY KEY NOT NULL, user_id BIGINT NOT NULL, created_at BIGINT NOT "
      "NULL, "
      "expires_at BIGINT NOT NULL, address TEXT)",
      "CREATE INDEX user_sessions_user ON user_sessions (user_id, created_at)",
      "CREATE INDEX user_sessions_expires ON user_sessions (expires_at)",
      "CREATE VIEW v_users AS SELECT id, name, CASE role WHEN 1 THEN 'viewer' WHEN 2 THEN 'operator' ELSE 'admin' END "
      "AS role, organisation_id, created_by, {utc:created_at} AS created_at, {utc:updated_at} AS updated_at, "
      "{utc:last_signed_in_at} AS last_signed_in_at, version FROM users",
    }};
}

} // namespace penstock::storage
