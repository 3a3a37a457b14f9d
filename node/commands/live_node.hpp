#pragma once

#include <memory>

#include <tl/expected.hpp>

#include "node/commands/api_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/session.hpp"

namespace penstock::node {

/// For commands that work through a node that runs, and without one on its database. Null: none answers where the
/// configuration says, and none was named. A node that is named must answer.
[[nodiscard]] tl::expected<std::unique_ptr<api_client>, command_failure> find_live_node(const session& with);

} // namespace penstock::node
