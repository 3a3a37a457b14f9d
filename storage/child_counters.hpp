#pragma once

#include <optional>

#include "core/job_state.hpp"
#include "messages/job.hpp"
#include "storage/session.hpp"

namespace penstock::storage {

/// How the children of a job stand; zeros if it never had any.
[[nodiscard]] child_counts read_child_counts(session& db, job_id parent);

/// A child of `parent` moved from one state to another: open ones are those that have not ended.
void move_child(session& db, job_id parent, job_state from, job_state to);

/// A failed child waits again. It is not among the failed if its parent has begun anew since.
void reopen_child(session& db, job_id parent);

/// The parent begins anew: how children of its former life ended does not count any more, those that are open do.
void forget_ended_children(session& db, job_id parent);

} // namespace penstock::storage
