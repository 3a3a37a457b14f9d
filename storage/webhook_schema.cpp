#include "storage/webhook_schema.hpp"

namespace penstock::storage {

migration webhook_migration() {
  return {"engine",
          24,
          "incoming webhooks: addresses and staged bodies",
          {
            // `hash` is the SHA-256 of the secret in hexadecimal digits; the secret itself is nowhere. `signing_key` is
            // encrypted.
            "CREATE TABLE webhook_addresses (integration_id BIGINT PRIMARY KEY NOT NULL, service TEXT NOT NULL, "
            "hash TEXT NOT NULL UNIQUE, signing_key TEXT, created_at BIGINT NOT NULL)",
            // A row for each job that is to be and part of whose payload lies in job_payloads already.
            "CREATE TABLE staged_bodies (job_id BIGINT PRIMARY KEY NOT NULL, begun_at BIGINT NOT NULL)",
            "CREATE VIEW v_webhook_addresses AS SELECT integration_id, service, CASE WHEN signing_key IS NULL THEN 0 "
            "ELSE 1 END AS has_signing_key, {utc:created_at} AS created_at FROM webhook_addresses",
          }};
}

} // namespace penstock::storage
