#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// Removes history in a small batch. `created` gets how many completed (or cancelled) jobs, failed jobs and events
/// went, in this order.
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const sweep_history& change);

} // namespace penstock::storage
