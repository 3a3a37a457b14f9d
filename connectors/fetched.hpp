#pragma once

#include <string_view>

#include "connectors/catalogue.hpp"

namespace penstock::connectors {

/// `bad_configuration` where nothing is fetched of that service, saying how its rows come. A service that no connector of
/// this node knows is none of those. `id`: of the integration, 0 before there is one.
[[nodiscard]] result<void> check_is_fetched(const catalogue& services, std::string_view service,
                                            integration_id id = {});

} // namespace penstock::connectors
