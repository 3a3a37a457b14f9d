#pragma once

#include <cstdint>
#include <string>

#include "storage/statement.hpp"

namespace penstock::storage {

/// The number of a queue, for readers: `query<find_queue_id>()`.
struct find_queue_id {
  std::string name;
  std::int64_t id = 0;
  statement sql;
  explicit find_queue_id(session& db) : sql(db, "find queue", "SELECT id FROM queues WHERE name = :name") {
    sql.in(name).out(id);
  }
};

} // namespace penstock::storage
