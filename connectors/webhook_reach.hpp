#pragma once

#include <string_view>

#include "core/error.hpp"

namespace penstock::connectors {

/// Whether a provider (its base URL) can send to an address of this node: one on loopback is for providers of this machine
/// alone. bad_configuration: it cannot, and the message says what to set. `who` begins it: "Monzo".
[[nodiscard]] result<void> check_webhook_reach(std::string_view address, std::string_view provider,
                                               std::string_view who);

} // namespace penstock::connectors
