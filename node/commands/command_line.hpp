#pragma once

#include <string>
#include <vector>

#include "node/commands/session.hpp"

namespace penstock::node {

/// Runs the program: finds the command in the words after the program's name, parses, runs it. The exit status.
[[nodiscard]] int run_command_line(std::vector<std::string> words, session& with);

} // namespace penstock::node
