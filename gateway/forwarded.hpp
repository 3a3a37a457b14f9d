#pragma once

#include <vector>

#include "core/ip_network.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// Proxies that are believed when they say for whom they send a request. Immutable.
class trusted_proxies {
public:
  explicit trusted_proxies(std::vector<ip_network> networks = {}) : networks_(std::move(networks)) {}

  /// Of a request from a trusted proxy: `remote_address` becomes the right-most address in X-Forwarded-For that is no trusted
  /// proxy's (each proxy adds whom it saw at the right; what stands left of a stranger is the stranger's own word). Where
  /// all are trusted, the left-most. Requests of others stay as they are, whatever their headers say.
  void apply(net::http_server_request& request) const;
  /// There are none: `apply` changes nothing.
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }

private:
  [[nodiscard]] bool trusts(const ip_address& address) const noexcept;

  std::vector<ip_network> networks_;
};

} // namespace penstock::gateway
