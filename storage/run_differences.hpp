#pragma once

#include "messages/integration.hpp"
#include "storage/session.hpp"

/// What dry runs would have changed (run_difference).
namespace penstock::storage {

/// Adds what one unit would have done to a table.
void add_table_difference(session& db, run_id run, const std::string& table, const row_counts& rows);

/// Keeps rows of a unit, as many as the run has room for.
void add_row_differences(session& db, run_id run, const std::vector<row_difference>& rows);

[[nodiscard]] run_difference read_difference(session& db, run_id run);

} // namespace penstock::storage
