#pragma once

#include <iosfwd>
#include <string>

#include <tl/expected.hpp>

#include "node/commands/command.hpp"

namespace penstock::node {

/// Reads a password from standard input: from a terminal twice and unseen, after the question `of_whom`; from anything else
/// one line. Never from an argument, which every process of the machine could read.
[[nodiscard]] tl::expected<std::string, command_failure> ask_password(std::ostream& prompts,
                                                                      const std::string& of_whom);

/// The same of another secret, which is called `what` where none is given ("token").
[[nodiscard]] tl::expected<std::string, command_failure> ask_secret(std::ostream& prompts, const std::string& what,
                                                                    const std::string& question);

} // namespace penstock::node
