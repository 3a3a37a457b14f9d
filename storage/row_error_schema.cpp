#include "storage/row_error_schema.hpp"

namespace penstock::storage {

migration row_error_migration() {
  return {
    "engine",
    28,
    "whose rows were in error",
    {
      "ALTER TABLE row_errors ADD COLUMN integration_id BIGINT",
      "UPDATE row_errors SET integration_id = COALESCE("
      "(SELECT j.integration_id FROM jobs j WHERE j.id = row_errors.job_id), "
      "(SELECT r.integration_id FROM runs r WHERE r.id = row_errors.run_id))",
      "CREATE INDEX row_errors_integration ON row_errors (integration_id, id) WHERE integration_id IS NOT NULL",
      "CREATE VIEW v_row_errors AS SELECT e.id, e.integration_id, e.table_name, e.source_id, e.message, e.job_id, "
      "k.name AS kind, e.run_id, {utc:e.at} AS at FROM row_errors e LEFT JOIN jobs j ON j.id = e.job_id "
      "LEFT JOIN kinds k ON k.id = j.kind_id",
    }};
}

} // namespace penstock::storage
