#pragma once

#include <memory>
#include <string>

#include "storage/prepared_query.hpp"

namespace penstock::storage {

/// On SQLite's own handle: SOCI copies each parameter and each column once more, a tenth of all that a job costs
/// (docs/performance.md, "Statements").
[[nodiscard]] std::unique_ptr<prepared_query> make_sqlite_query(soci::session& connection, std::string sql);

} // namespace penstock::storage
