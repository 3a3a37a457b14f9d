#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "storage/erased_traces.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// Removes the jobs of schedules whose args name the owner; of a schedule that makes no other jobs everything, with its
/// occurrences and the jobs that they made, which `erase_jobs` removes. A small part at a time, in the transaction in
/// flight: how many rows went, 0 at the end.
[[nodiscard]] std::int64_t
erase_schedules(session& db, const erased_owner& owner,
                const std::function<std::int64_t(const std::vector<std::int64_t>&)>& erase_jobs);

} // namespace penstock::storage
