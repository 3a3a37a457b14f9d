#pragma once

#include <cstdint>
#include <map>
#include <unordered_set>
#include <vector>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The ids that worker slots name, by queue. A slot keeps its record until its next claim, so an id counts as active
/// only while its job is still waiting. Costs the slots, not the jobs.
[[nodiscard]] std::map<std::int64_t, std::vector<std::int64_t>> jobs_in_slots(session& db);

/// All of them in one set.
[[nodiscard]] std::unordered_set<std::int64_t> all_jobs_in_slots(session& db);

} // namespace penstock::storage
