#pragma once

#include "core/ids.hpp"
#include "core/job_state.hpp"

namespace penstock::storage {

/// The last guard before a job's state is written. A job that a slot holds, or whose attempt ends, counts as active,
/// whatever its row says. Throws storage_exception (internal, the unit's fault) for what can_move does not allow.
void require_move(job_id id, job_state from, job_state to);

} // namespace penstock::storage
