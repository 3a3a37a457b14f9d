#pragma once

#include <string>

#include <tl/expected.hpp>

#include "node/commands/command.hpp"
#include "node/commands/session.hpp"

namespace penstock::node {

/// Where a command finds its node, and what it shows there.
struct node_address {
  std::string url;          ///< without a slash at its end
  std::string token;        ///< empty: none was found
  std::string token_advice; ///< what to do when the node wants another one
  std::string ca_file;      ///< of authorities beside the system's; empty: none
  /// The certificate of this machine's own node, which is made for the names that others know it by; empty: none.
  std::string known_certificate;
};

/// From flags, environment, and else the configuration of this machine. The token file is for this machine's node
/// alone: a token that another address asks for must be given. Exit status 78 when the configuration is needed and
/// wrong, 2 for a URL that is none.
[[nodiscard]] tl::expected<node_address, command_failure> find_node(const session& with);

} // namespace penstock::node
