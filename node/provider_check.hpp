#pragma once

#include <vector>

#include "config/settings.hpp"
#include "node/doctor.hpp"

namespace penstock::node {

/// Whether a node could listen where the configuration says.
[[nodiscard]] finding check_port(const config::settings& settings);

/// Whether the providers of the enabled connectors can be reached: a connection and, for https, a handshake with the
/// certificate verified, to what each names as `base_url`. No request is sent.
void check_providers(const config::settings& settings, std::vector<finding>& all);

} // namespace penstock::node
