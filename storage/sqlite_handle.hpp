#pragma once

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace penstock::storage {

/// SQLite's own handle of a connection, for what SOCI does not offer. Valid as long as the session is open.
[[nodiscard]] inline sqlite_api::sqlite3* sqlite_handle(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

} // namespace penstock::storage
