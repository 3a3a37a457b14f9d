#pragma once

#include <optional>
#include <string>

#include "gateway/render.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {

/// What one that waits for access needs, and the command that gives it: "needs a new consent: penstock integrations
/// authorize 7". `service` is null where this node does not know it.
[[nodiscard]] std::string missing_access(const integration& account, const consent_state& consent,
                                         const connectors::service* service);

/// What somebody wants of an integration that its status may forbid.
enum class integration_wish : std::uint8_t { fetch, pause, resume };

/// Whether nobody has to consent or give an integration of that service a token: its requests need nothing, or the
/// configuration holds it. One that waits for access since the configuration was another, or was wrong, is resumed.
[[nodiscard]] bool needs_no_access(const connectors::service* service) noexcept;

/// Why it cannot be, and the command that helps. Nothing where its status is not what stands in the way. `service` is null
/// where this node does not know it.
[[nodiscard]] std::optional<std::string> advice_for(integration_wish wish, const integration& account,
                                                    const consent_state& consent, const connectors::service* service);

/// `why` with such advice in its place, if it is a conflict and there is any.
[[nodiscard]] net::asio::awaitable<error> with_advice(service_desk& desk, integration_id id, integration_wish wish,
                                                      error why);

} // namespace penstock::gateway
