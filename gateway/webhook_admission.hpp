#pragma once

#include <optional>
#include <string>

#include "gateway/service_desk.hpp"
#include "gateway/webhook_target.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// Whose a delivery is, or why it is refused.
struct webhook_admission {
  std::optional<net::http_reply> refusal{};
  const connectors::service* service = nullptr; ///< that takes webhooks
  webhook_desk::address address{};
};

/// Judges a delivery by its header alone: 404 for a service that takes none, 401 for a wrong secret or none, 429 for too
/// many of either, 415 for a body that is encoded, 503 while the integration is paused, 410 once it is disconnected.
/// Costs a read where the secret was not seen in the last seconds. Refusals that last are noted for the log.
[[nodiscard]] net::asio::awaitable<webhook_admission>
admit_webhook(service_desk& desk, const net::http_server_request& head, const webhook_target& target);

/// What a sender is told whose delivery does not show that the provider sent it. `detail` holds nothing that was sent.
[[nodiscard]] net::http_reply wrong_signature(service_desk& desk, const std::string& service,
                                              std::string_view remote_address, std::string_view detail);

} // namespace penstock::gateway
