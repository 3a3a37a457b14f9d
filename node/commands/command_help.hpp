#pragma once

#include <string>
#include <vector>

#include "node/commands/command.hpp"

namespace penstock::node {

/// All commands; with a group, its own.
[[nodiscard]] std::string help_text(const std::vector<command>& commands, const std::string& group = {});

/// "penstock jobs enqueue KIND --args JSON [--queue NAME]"
[[nodiscard]] std::string usage_line(const command& of);

/// What stands at the end of every help.
[[nodiscard]] std::string global_options_help();

} // namespace penstock::node
