#pragma once

#include <string>

#include "node/commands/command.hpp"

namespace penstock::node {

/// `jobs show`: one job with all that is known of it.
[[nodiscard]] command job_show_command();

/// "/api/v1/executions/12" from the argument ID; wrong usage when that is no id.
[[nodiscard]] tl::expected<std::string, command_failure> job_path(const arguments& given);
[[nodiscard]] parameter job_id_parameter();
[[nodiscard]] parameter job_follow_parameter();

} // namespace penstock::node
