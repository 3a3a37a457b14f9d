#pragma once

#include <string>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"

namespace penstock::node {

/// Of one integration: asks for a dry run, waits for its end and prints the difference in rows; with --json what the
/// interface says of the run is returned instead of printed. Fails when the run did.
[[nodiscard]] tl::expected<std::string, command_failure> dry_run(api_client& node, const std::string& id, bool force,
                                                                 session& with);

} // namespace penstock::node
