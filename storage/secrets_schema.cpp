#include "storage/secrets_schema.hpp"

namespace penstock::storage {

migration secrets_migration() {
  return {"engine",
          27,
          "which key seals",
          {
            // One row: the fingerprint of the key file that belongs to this database, so that another is refused before
            // anything is sealed with it.
            "CREATE TABLE secret_keys (id SMALLINT PRIMARY KEY NOT NULL, fingerprint TEXT NOT NULL, "
            "since BIGINT NOT NULL)",
          }};
}

} // namespace penstock::storage
