#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/access.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// All of them, the newest first. Throws.
[[nodiscard]] std::vector<user> read_users(session& db);
[[nodiscard]] std::optional<user> read_user(session& db, user_id id);
[[nodiscard]] std::optional<user> read_user_named(session& db, const std::string& name);
/// Of users that are there and which have not expired by `now`. Throws.
[[nodiscard]] std::vector<user_session> read_user_sessions(session& db, timestamp now);

} // namespace penstock::storage
