#pragma once

#include "core/error.hpp"
#include "messages/engine_change.hpp"
#include "storage/change_context.hpp"

/// Changes of what schedules are (see engine_change.hpp; firings are in schedule_firing.hpp). `not_found` where a
/// schedule that must exist does not, `invalid_argument` for one without a name or that nobody understands.
namespace penstock::storage {

[[nodiscard]] result<void> apply(change_context& context, const put_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const add_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const edit_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const remove_schedule& change);
[[nodiscard]] result<void> apply(change_context& context, const enable_schedule& change);

} // namespace penstock::storage
