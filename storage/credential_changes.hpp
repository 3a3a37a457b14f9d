#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

namespace penstock::storage {

/// Writes tokens sealed, as version `replaces` + 1. `not_found` without the integration, `bad_configuration` without
/// a key file. `created` gets the credential's id when it is new.
[[nodiscard]] result<void> apply(change_context& context, const store_credential& change);

} // namespace penstock::storage
