#include "storage/stream_index_schema.hpp"

namespace penstock::storage {

migration stream_index_migration() {
  return {"engine",
          31,
          "only jobs of runs are looked for by stream",
          {
            "DROP INDEX jobs_stream",
            "CREATE INDEX jobs_stream ON jobs (run_id, stream) WHERE state = 0 AND stream IS NOT NULL AND "
            "run_id IS NOT NULL",
          }};
}

} // namespace penstock::storage
