#pragma once

#include <string>

#include "messages/job.hpp"

namespace penstock::connectors {

/// A job that carries on the work of `job`: same integration, organisation, run, parent, priority and trace. Queue,
/// attempts and timeout are those of its own kind. It belongs to no group: a job that asks the provider needs one.
[[nodiscard]] job_request follow_up(const ready_job& job, std::string kind);

/// `7/123` (organisation, integration): its jobs share the provider's budget, in whatever order they run. A 429 to one of
/// them holds all of them back. 0: no organisation.
[[nodiscard]] std::string credential_group(organisation_id organisation, integration_id integration);

/// `7/123/transactions:acc_1` (organisation, integration, stream): jobs of one stream with this group key run one at a
/// time, in order; those of one integration share its provider's budget; organisations take turns. 0: no organisation.
[[nodiscard]] std::string stream_group(const ready_job& job, std::string_view stream);

} // namespace penstock::connectors
