#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::net {

/// Addresses at which a node takes webhooks: NODE/webhooks/SERVICE/SECRET. `redact_path` hides the last part.

/// The secret of an address, drawn at random: 43 characters of base64url. Kept as the hash of it (token_hash.hpp).
[[nodiscard]] std::string make_webhook_secret();

/// `node`: what its addresses begin with, without a slash at the end. Without a secret: where the service's deliveries go.
[[nodiscard]] std::string webhook_url(std::string_view node, std::string_view service, std::string_view secret = {});

/// The secret in an address of that node and service; nullopt: it lies elsewhere. Case of scheme and host, and a port that
/// is the scheme's own, make no difference.
[[nodiscard]] std::optional<std::string> webhook_secret_in(std::string_view url, std::string_view node,
                                                           std::string_view service);

} // namespace penstock::net
