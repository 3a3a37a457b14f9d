#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads which synced rows were changed. The session outlives it.
[[nodiscard]] std::unique_ptr<change_reads> make_change_reads(session& db);

} // namespace penstock::storage
