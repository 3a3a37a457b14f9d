#pragma once

#include <memory>

#include "storage/log_sync.hpp"
#include "storage/read_session.hpp"
#include "storage/secret_box.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A read session on a connection of its own, which it keeps. `secrets` may be null: credentials cannot be read then.
/// `log` is null where COMMIT itself waits for the disk.
[[nodiscard]] std::unique_ptr<read_session> make_read_session(std::unique_ptr<session> db, const secret_box* secrets,
                                                              log_sync* log = nullptr);

/// A read session on the writer's connection, for databases in memory. The connection outlives it, and no transaction
/// of the writer is open while it reads.
[[nodiscard]] std::unique_ptr<read_session> make_read_session(session& shared, const secret_box* secrets);

} // namespace penstock::storage
