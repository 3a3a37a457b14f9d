#include "storage/payload_schema.hpp"

namespace penstock::storage {

migration payload_migration() {
  return {"engine", 29, "small payloads in the job's row", {"ALTER TABLE jobs ADD COLUMN payload TEXT"}};
}

} // namespace penstock::storage
