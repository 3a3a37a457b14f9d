#pragma once

#include <vector>

#include "core/error.hpp"
#include "messages/row.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Whether the database has each table, with each column, that connectors write. `bad_configuration` names the first that is
/// missing: a migration that ran was edited, which no database notices by itself, and each of its rows would be refused.
[[nodiscard]] result<void> check_tables(session& db, const std::vector<table_schema>& written);

} // namespace penstock::storage
