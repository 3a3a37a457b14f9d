#pragma once

#include "core/error.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Whether this server and this database can be worked with: its version, its encoding, a schema for tables.
/// `bad_configuration`. Throws storage_exception.
[[nodiscard]] result<void> check_postgresql_server(session& db);

} // namespace penstock::storage
