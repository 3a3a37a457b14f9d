#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// The ids that worker slots name, by queue. A slot keeps its record until its next claim, so an id counts as active
/// only while its job is still waiting. Costs the slots, not the jobs.
[[nodiscard]] std::map<std::int64_t, std::vector<std::int64_t>> jobs_in_slots(session& db);

/// All of them, and since when their slots hold them.
[[nodiscard]] std::unordered_map<std::int64_t, timestamp> all_jobs_in_slots(session& db);

/// Makes a waiting job that a slot holds an active one, which started when the slot was claimed.
void mark_if_held(job_record& job, const std::unordered_map<std::int64_t, timestamp>& held);

} // namespace penstock::storage
