#pragma once

#include <string>
#include <vector>

#include "storage/change_context.hpp"

namespace penstock::storage {

/// Begins or ends a queue's trouble of one kind; queue.warning is raised when that is news.
[[nodiscard]] result<void> apply(change_context& context, const set_queue_warning& change);

} // namespace penstock::storage
