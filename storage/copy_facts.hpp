#pragma once

#include "storage/session.hpp"
#include "storage/table_copy.hpp"

namespace penstock::storage {

/// What a database says of itself, but for version and time. `bad_configuration`, as a storage_exception, where it was
/// never migrated.
[[nodiscard]] copy_facts read_copy_facts(session& db);

} // namespace penstock::storage
