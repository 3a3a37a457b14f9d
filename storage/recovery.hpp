#pragma once

#include "storage/unit_executor.hpp"
#include "storage/write_session.hpp"

namespace penstock::storage {

/// After how many deaths of the process a job that ran alone at each of them fails.
inline constexpr std::int64_t deaths_allowed = 3;

/// Whose slots are looked at, and who runs what they held. The same at a node's own start.
struct succession {
  std::int64_t dead = 0, heir = 0;
};

/// Inside the transaction in flight: jobs that slots of the dead name and that still wait become suspects of the heir,
/// the slots are freed. It tells of all suspects that the heir has.
[[nodiscard]] recovery_report recover_jobs(write_state& state, unit_executor& executor, const succession& nodes);

} // namespace penstock::storage
