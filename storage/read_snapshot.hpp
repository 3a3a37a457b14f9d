#pragma once

#include "storage/session.hpp"

namespace penstock::storage {

/// Lets several SELECTs see one state of the database. In memory, where readers share the writer's connection, it must
/// not be used inside a transaction of the writer.
class read_snapshot {
public:
  explicit read_snapshot(session& db) : db_(db) { db_.execute("begin read", db_.sql_dialect().begin_read()); }
  /// Nothing was written: ending it is the same either way, and this way cannot fail.
  ~read_snapshot() { db_.rollback(); }
  read_snapshot(const read_snapshot&) = delete;
  read_snapshot& operator=(const read_snapshot&) = delete;

private:
  session& db_;
};

} // namespace penstock::storage
