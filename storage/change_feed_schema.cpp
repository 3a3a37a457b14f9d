#include "storage/change_feed_schema.hpp"

namespace penstock::storage {

migration change_feed_migration() {
  return {
    "engine",
    26,
    "which rows were changed, and maintenance",
    {
      // Beside an event records.changed; `rows` is JSON: a sign and the source id of each, "+added" or "~updated".
      "CREATE TABLE changed_rows (event_id {id}, table_name TEXT NOT NULL, integration_id BIGINT NOT NULL, "
      "rows TEXT NOT NULL)",
      "CREATE INDEX events_records ON events (position) WHERE type = 'records.changed'",
      // One row while it is on.
      "CREATE TABLE maintenance (id {id}, since BIGINT NOT NULL, asked_by TEXT NOT NULL)",
    }};
}

} // namespace penstock::storage
