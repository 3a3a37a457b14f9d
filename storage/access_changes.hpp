#pragma once

#include "core/error.hpp"
#include "messages/access_change.hpp"
#include "storage/change_context.hpp"

/// Organisations, tokens, users and the audit. What each requires stands with its struct.
namespace penstock::storage {

/// More would not fit into the memory in which every node looks them up.
inline constexpr std::int64_t most_tokens = 10'000;

inline constexpr std::int64_t most_users = 10'000;
/// Somebody who signs in ever again must not fill that memory either.
inline constexpr std::int64_t most_sessions_of_user = 20;

/// `not_found` if there is no such organisation; one that is there stays until the commit. 0 is none, and fine.
[[nodiscard]] result<void> require_organisation(session& db, organisation_id id);

/// Names of organisations, tokens and users: 1 to 200 bytes without control characters, since they stand on terminals.
[[nodiscard]] result<void> check_access_name(const std::string& name);

[[nodiscard]] result<void> apply(change_context& context, const add_organisation& change);
[[nodiscard]] result<void> apply(change_context& context, const edit_organisation& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_organisation& change);
[[nodiscard]] result<void> apply(change_context& context, const add_token& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_token& change);
[[nodiscard]] result<void> apply(change_context& context, const note_token_uses& change);
[[nodiscard]] result<void> apply(change_context& context, const add_user& change);
[[nodiscard]] result<void> apply(change_context& context, const edit_user& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_user& change);
[[nodiscard]] result<void> apply(change_context& context, const open_session& change);
[[nodiscard]] result<void> apply(change_context& context, const close_session& change);
[[nodiscard]] result<void> apply(change_context& context, const note_audit& change);

} // namespace penstock::storage
