#pragma once

#include <vector>

#include "config/objection.hpp"
#include "config/settings.hpp"
#include "connectors/connector.hpp"

namespace penstock::node {

/// What people describe in tables of the configuration and call as something of another connector: a service, or a table of
/// the database. `idle` are connectors that are not enabled; what they have is theirs nevertheless, for their rows and
/// integrations may be there. An objection names the table of the configuration, or its key `table`.
[[nodiscard]] std::vector<config::objection> name_clashes(const connectors::registry& known,
                                                          const config::settings& values,
                                                          const std::vector<connectors::connector>& enabled,
                                                          const std::vector<connectors::connector>& idle);

} // namespace penstock::node
