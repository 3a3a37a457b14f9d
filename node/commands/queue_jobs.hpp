#pragma once

#include <map>
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

/// Of the integrations that a list of jobs names: "monzo Ann", by id. One that is gone, or that the caller may not see, is
/// missing.
using integration_names = std::map<std::string, std::string>;
[[nodiscard]] integration_names integrations_of(api_client& node, const boost::json::value& jobs);
/// "monzo Ann (12)", or the id alone; empty for a job of no integration.
[[nodiscard]] std::string shown_integration(const integration_names& names, const boost::json::value& job);

/// The queue that the arguments name, else all that hold failed jobs.
[[nodiscard]] tl::expected<std::vector<std::string>, command_failure> queues_with_failures(api_client& node,
                                                                                           const arguments& given);

} // namespace penstock::node
