#pragma once

#include <optional>
#include <string>

#include "gateway/json_writer.hpp"
#include "gateway/service_desk.hpp"

namespace penstock::gateway {

/// A webhook's secret, and the key with which its provider signs: told this once, and kept as a hash, and encrypted.
struct new_webhook {
  std::string secret, signing_secret; ///< the second is empty where nothing is signed, or the provider makes it
  set_webhook_secret change;
};

/// Draws them. `signing_secret`: the provider's own; absent: it is drawn where the scheme leaves it to us, else it stays as
/// it was. The error (invalid_argument) says what a key looks like.
[[nodiscard]] result<new_webhook> draw_webhook(const connectors::webhook_intake& intake, integration_id id,
                                               std::optional<std::string> signing_secret, bool has_key);

/// Where a service's deliveries go; with a secret, the address of one integration.
[[nodiscard]] std::string webhook_url(const service_desk& desk, const std::string& service,
                                      std::string_view secret = {});

/// Its fields, inside an object.
void render_new_webhook(json_writer& out, const service_desk& desk, const std::string& service,
                        const new_webhook& made);

} // namespace penstock::gateway
