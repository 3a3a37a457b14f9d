#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

/// Changes of schedules (see engine_change.hpp). `not_found` where a schedule that must exist does not.
namespace penstock::storage {

/// `invalid_argument` for a schedule without a name or whose rule, zone or kind nobody understands.
[[nodiscard]] result<void> apply(change_context& context, const put_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const enable_schedule& change);
/// `conflict` if it fired meanwhile, is disabled, or the occurrence is not later than the last one.
[[nodiscard]] result<void> apply(change_context& context, const fire_schedule& change);

} // namespace penstock::storage
