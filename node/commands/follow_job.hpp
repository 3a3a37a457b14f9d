#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"

namespace penstock::node {

/// Shows a job's progress until it ends: drawn over and over on a terminal, else a line for each change. Fails (exit
/// status 1) when the job does not complete. Listens to the node's live events and asks now and then all the same, so
/// that it ends without them too.
[[nodiscard]] outcome follow_job(api_client& node, const std::string& id, session& with);

/// "[#####-----]  50 %  fetching: page 3  1m left"; without a percentage no bar. `progress` is that of an execution, or
/// the data of a job.progress event.
[[nodiscard]] std::string progress_line(const boost::json::value& progress);

} // namespace penstock::node
