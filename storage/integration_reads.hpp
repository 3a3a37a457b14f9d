#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads integrations, runs, cursors and credentials through portable SQL. Session and secrets outlive it; without
/// secrets (null) credentials cannot be read.
[[nodiscard]] std::unique_ptr<integration_reads> make_integration_reads(session& db, const secret_box* secrets);

} // namespace penstock::storage
