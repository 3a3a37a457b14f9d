#pragma once

#include "storage/unit_executor.hpp"
#include "storage/write_session.hpp"

namespace penstock::storage {

/// After how many deaths of the process a job that ran alone at each of them fails.
inline constexpr std::int64_t deaths_allowed = 3;

/// Inside the transaction in flight: jobs that slots name and that still wait become suspects, the slots are freed.
[[nodiscard]] recovery_report recover_jobs(write_state& state, unit_executor& executor);

} // namespace penstock::storage
