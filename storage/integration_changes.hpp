#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

/// Changes of integrations (see engine_change.hpp for what each requires). An error refuses the whole unit; they throw
/// storage_exception when the database fails.
namespace penstock::storage {

/// `invalid_argument` for a state in which an integration cannot begin: it begins idle, paused or without consent.
[[nodiscard]] result<void> apply(change_context& context, const add_integration& change);
[[nodiscard]] result<void> apply(change_context& context, const edit_integration& change);
[[nodiscard]] result<void> apply(change_context& context, const act_on_integration& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_integration& change);
[[nodiscard]] result<void> apply(change_context& context, const reset_cursor& change);

} // namespace penstock::storage
