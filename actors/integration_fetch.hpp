#pragma once

#include "messages/actors/integrations.hpp"
#include "messages/actors/work.hpp"

namespace penstock::actors {

/// What a job of kind integrations.fetch asks for, without `answer`. invalid_argument: what its args should be.
[[nodiscard]] result<fetch_integration> read_fetch_args(const ready_job& job);

/// What becomes of that job: its result names the root job, or says why none was started. A sync that may not start now is
/// no failure of the job, which would be tried again until it may.
[[nodiscard]] work_result fetch_outcome(const result<enqueued>& root);

} // namespace penstock::actors
