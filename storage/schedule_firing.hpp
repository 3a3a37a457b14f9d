#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"
#include "storage/write_state.hpp"

/// Firings of schedules (see engine_change.hpp). What an earlier firing left open is looked up in the transaction that
/// fires, so that no race lets two overlap. `not_found` where there is no such schedule.
namespace penstock::storage {

[[nodiscard]] result<void> apply(write_state& state, change_context& context, const fire_schedule& change);
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const miss_schedule& change);
/// `invalid_argument` for more than backfill_schedule::most occurrences.
[[nodiscard]] result<void> apply(write_state& state, change_context& context, const backfill_schedule& change);

} // namespace penstock::storage
