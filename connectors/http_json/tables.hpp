#pragma once

#include <vector>

#include "connectors/http_json/description.hpp"
#include "messages/row.hpp"
#include "storage/migration.hpp"

namespace penstock::connectors::http_json {

/// The columns of the description's fields in their order, then `raw`.
[[nodiscard]] table_schema table_of(const description& of);
/// Makes the table, a step for each column, and the view v_TABLE: whatever the description said when the database was
/// made, columns that came since are added. Versions that came from another updated_field or time_format are forgotten.
[[nodiscard]] std::vector<storage::migration> migrations_of(const description& of);

} // namespace penstock::connectors::http_json
