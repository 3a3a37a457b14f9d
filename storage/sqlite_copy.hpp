#pragma once

#include <memory>
#include <string>

#include "storage/session.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// Reads through a session on which no transaction is open, in one of its own: what is committed meanwhile is not seen, and
/// waits in SQLite's log. `readable`: texts are mended to what every database takes.
[[nodiscard]] std::unique_ptr<table_source> make_sqlite_source(session& db, bool readable);

/// Inserts rows in the transaction in flight.
class sqlite_inserter {
public:
  sqlite_inserter(session& db, const stored_table& table);
  ~sqlite_inserter();
  sqlite_inserter(const sqlite_inserter&) = delete;
  sqlite_inserter& operator=(const sqlite_inserter&) = delete;
  void insert(const table_row& row);

private:
  struct prepared;
  session& db_;
  const std::string table_;
  std::unique_ptr<prepared> sql_;
};

} // namespace penstock::storage
