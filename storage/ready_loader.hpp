#pragma once

#include <optional>
#include <string>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// A waiting job as its queue must know it. nullopt: it does not wait.
[[nodiscard]] std::optional<ready_job> load_ready_job(session& db, job_id id);

/// The first waiting job of a group, by id.
[[nodiscard]] std::optional<job_id> first_of_group(session& db, std::int64_t queue, const std::string& group);

} // namespace penstock::storage
