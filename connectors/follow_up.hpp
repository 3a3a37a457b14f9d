#pragma once

#include <string>

#include "messages/job.hpp"

namespace penstock::connectors {

/// A job that carries on the work of `job`: same integration, organisation, run, parent, priority and trace. Queue,
/// attempts and timeout are those of its own kind.
[[nodiscard]] job_request follow_up(const ready_job& job, std::string kind);

/// `123/transactions/acc_1`: jobs of one stream with this group key run one at a time, in order.
[[nodiscard]] std::string stream_group(integration_id integration, std::string_view stream);

} // namespace penstock::connectors
