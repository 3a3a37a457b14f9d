#pragma once

#include <vector>

#include "node/commands/command.hpp"

namespace penstock::node {

/// Commands that do something with a schedule of a node; schedule_commands() has them beside the others.
[[nodiscard]] std::vector<command> schedule_action_commands();

} // namespace penstock::node
