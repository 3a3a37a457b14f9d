#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

/// What makes integrations run: the due check, and a person who asks for one.
namespace penstock::storage {

/// How many integrations that are `processing` one due check looks at for a lost run. It goes on where the last one
/// stopped, so that all have their turn and none is dear.
inline constexpr std::int64_t repairs_looked_at = 2'000;

/// Takes what is due in the order of its time: the cost is that of the due ones, wherever their own rows lie. `created`
/// gets their number, and the job that the unit ends has {"triggered": n, "repaired": m} as its result.
/// First repairs integrations that are `processing` with neither a live run nor a root job that will start one.
[[nodiscard]] result<void> apply(change_context& context, const trigger_due_integrations& change);

/// `conflict` unless the integration is idle or failed without an open run. Frequency and waits are ignored.
[[nodiscard]] result<void> apply(change_context& context, const mark_triggered& change);

} // namespace penstock::storage
