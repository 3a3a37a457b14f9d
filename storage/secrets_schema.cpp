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

migration key_change_migration() {
  return {"engine",
          30,
          "when a change of the key began",
          {
            // NULL: none is under way. Until it has ended the database holds texts of two keys.
            "ALTER TABLE secret_keys ADD COLUMN changing_since BIGINT",
          }};
}

} // namespace penstock::storage
