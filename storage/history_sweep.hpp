#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

/// How many rows of a table one sweep looks at for old ones. It goes on where the last one stopped, so that all have
/// their turn and none is dear: the writer waits for it.
inline constexpr std::int64_t rows_looked_at = 5'000;

/// Removes history in a small batch. `created` gets how many completed (or cancelled) jobs, failed jobs, events,
/// runs and occurrences of schedules went, in this order.
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const sweep_history& change);

/// Removes failed jobs of one queue at a person's wish.
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const flush_failed& change);

} // namespace penstock::storage
