#pragma once

#include <optional>

#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// What a stored job was asked to be, to ask for it again: kind, args, queue, priority, policies, group, key and owner.
/// Neither its time nor its payload, run and parent: those are of the first. nullopt: there is no such job.
[[nodiscard]] std::optional<job_request> load_request(session& db, job_id id);

} // namespace penstock::storage
