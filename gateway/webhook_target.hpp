#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::gateway {

/// What the address of a delivery says: /webhooks/{service} or /webhooks/{service}/{secret}, decoded.
struct webhook_target {
  std::string service;
  std::string secret; ///< empty: a header holds it
};

/// nullopt: another path.
[[nodiscard]] std::optional<webhook_target> parse_webhook_target(std::string_view path);

} // namespace penstock::gateway
