#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

namespace penstock::storage {

/// Writes tokens sealed, as version `replaces` + 1. `not_found` without the integration, `bad_configuration` without
/// a key file. `created` gets the credential's id when it is new.
[[nodiscard]] result<void> apply(change_context& context, const store_credential& change);

// Who may refresh a version of a credential, among nodes: a row of shared_limits whose `blocked_until` keeps others
// away. By the engines' clocks: two that disagree by more than a refresh takes cost a refused one, which looks again.
[[nodiscard]] result<void> apply(change_context& context, const begin_refresh& change);
[[nodiscard]] result<void> apply(change_context& context, const end_refresh& change);

} // namespace penstock::storage
