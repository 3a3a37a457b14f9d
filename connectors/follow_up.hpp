#pragma once

#include <string>

#include "messages/job.hpp"

namespace penstock::connectors {

/// A job that carries on the work of `job`: same integration, organisation, run, parent, priority and trace. Queue,
/// attempts and timeout are those of its own kind.
[[nodiscard]] job_request follow_up(const ready_job& job, std::string kind);

/// `7/123/transactions:acc_1` (organisation, integration, stream): jobs of one stream with this group key run one at a
/// time, in order; those of one integration share its provider's budget; organisations take turns. 0: no organisation.
[[nodiscard]] std::string stream_group(const ready_job& job, std::string_view stream);

} // namespace penstock::connectors
