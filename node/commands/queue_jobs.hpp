#pragma once

#include <string>
#include <vector>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"

namespace penstock::node {

/// Parameters of commands that list jobs.
[[nodiscard]] parameter queue_parameter();
[[nodiscard]] parameter limit_parameter();

/// Jobs in that state, of the queue and as many as the arguments say.
[[nodiscard]] api_client::reply jobs_in_state(api_client& node, const arguments& given, const std::string& state);

/// The queue that the arguments name, else all that hold failed jobs.
[[nodiscard]] tl::expected<std::vector<std::string>, command_failure> queues_with_failures(api_client& node,
                                                                                           const arguments& given);

} // namespace penstock::node
