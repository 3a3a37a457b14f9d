#include "storage/cluster_schema.hpp"

namespace penstock::storage {

migration cluster_migration() {
  return {"engine",
          20,
          "nodes that share a database",
          {
            // `epoch` grows whenever a node loses or renews its place: what it does under an older one is refused.
            // `last_commit` numbers its transactions, so that one whose end it did not hear of can be looked up.
            "CREATE TABLE nodes (number {id}, name TEXT NOT NULL UNIQUE, epoch BIGINT NOT NULL, "
            "last_commit BIGINT NOT NULL)",
            // Apart from `nodes`: a transaction holds that row until its end, and a sign of life waits for none.
            "CREATE TABLE node_leases (number {id}, expires_at BIGINT NOT NULL)",
            "CREATE TABLE event_positions (id SMALLINT PRIMARY KEY NOT NULL, last BIGINT NOT NULL)",
            "INSERT INTO event_positions (id, last) SELECT 1, COALESCE(MAX(position), 0) FROM events",
            // Whose turn it is to run a suspect.
            "ALTER TABLE suspects ADD COLUMN node INTEGER NOT NULL DEFAULT 0",
          }};
}

} // namespace penstock::storage
