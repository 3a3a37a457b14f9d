#pragma once

#include <string>

namespace penstock::storage {

/// SQL that takes a queue's lock until the transaction ends: whoever claims its jobs, or must know that nobody does,
/// stands in line here. Only where nodes share a database. `queue`: the queue's number, as SQL.
[[nodiscard]] inline std::string queue_lock_sql(const std::string& queue) {
  return "pg_advisory_xact_lock(hashtext('penstock queue ' || current_schema()), CAST(" + queue + " AS INTEGER))";
}

} // namespace penstock::storage
