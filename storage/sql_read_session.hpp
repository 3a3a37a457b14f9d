#pragma once

#include <memory>

#include "storage/read_session.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A read session on a connection of its own, which it keeps. `secrets` may be null: credentials cannot be read then.
/// For SQLite.
[[nodiscard]] std::unique_ptr<read_session> make_read_session(std::unique_ptr<session> db, const secret_box* secrets);

/// A read session on the writer's connection, for databases in memory. The connection outlives it, and no transaction
/// of the writer is open while it reads.
[[nodiscard]] std::unique_ptr<read_session> make_read_session(session& shared, const secret_box* secrets);

} // namespace penstock::storage
