#pragma once

#include "storage/change_context.hpp"
#include "storage/write_state.hpp"

namespace penstock::storage {

// Limits that all nodes share, one row each: the budgets of credentials, the limiters of queues, the counts of calls of
// runs, and until when a prefix is blocked. No row of a job is touched.
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const spend_tokens& change);
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const block_group& change);
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const count_calls& change);

/// Removes rows that nothing was said of since `before`.
void sweep_shared_limits(session& db, timestamp before, std::int64_t limit);

} // namespace penstock::storage
