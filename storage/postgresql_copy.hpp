#pragma once

#include <memory>
#include <string>

#include "storage/session.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// Reads through the session's connection with COPY. With `own_transaction` in one of its own, which sees one state; else in
/// the one in flight.
[[nodiscard]] std::unique_ptr<table_source> make_postgresql_source(session& db, bool own_transaction);

/// Copies rows into a table in the transaction in flight, a megabyte at a time. Texts are mended to UTF-8 without NUL.
class postgresql_inserter {
public:
  postgresql_inserter(session& db, const stored_table& table);
  void insert(const table_row& row);
  /// The rows that were not sent yet.
  void finish();

private:
  session& db_;
  const std::string sql_;
  std::string bytes_;
};

/// Lets the database draw numbers behind those that were copied. In the transaction in flight.
void move_serials_on(session& db);

} // namespace penstock::storage
