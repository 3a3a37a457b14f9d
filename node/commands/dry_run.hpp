#pragma once

#include "node/commands/command.hpp"
#include "node/commands/session.hpp"

namespace penstock::node {

/// `integrations fetch ID --dry-run`: asks for one, waits for its end and prints the difference in rows. Fails when the
/// run did.
[[nodiscard]] outcome dry_run(const arguments& given, session& with);

} // namespace penstock::node
