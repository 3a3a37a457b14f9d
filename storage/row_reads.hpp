#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Runs the SELECTs of connectors on SQLite. On the driver's own handle, because SOCI wants to know the types of
/// columns before it has seen a row and in SQLite each value has its own. The session outlives it.
[[nodiscard]] std::unique_ptr<row_reads> make_sqlite_row_reads(session& db);

/// The same on PostgreSQL.
[[nodiscard]] std::unique_ptr<row_reads> make_postgresql_row_reads(session& db);

} // namespace penstock::storage
