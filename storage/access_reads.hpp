#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Reads organisations, tokens, users, the audit and answers to be told again. The session outlives it.
[[nodiscard]] std::unique_ptr<access_reads> make_access_reads(session& db);

} // namespace penstock::storage
