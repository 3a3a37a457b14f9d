#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_handler.hpp"

namespace penstock::gateway {

/// Which pages of other origins may use the interface from a browser (WHATWG's Fetch standard, 3.2). Tokens are sent by the
/// page itself in `Authorization`, so credentials that a browser adds on its own are never allowed. Immutable.
class cors_policy {
public:
  /// Origins as browsers write them ("https://app.example.org"); "*" alone: any. None: no other origin's page may.
  explicit cors_policy(std::vector<std::string> origins = {});

  [[nodiscard]] bool enabled() const noexcept { return any_ || !origins_.empty(); }

  /// The answer to a preflight request: 204 with what is allowed, 403 for an origin that is not listed. Nothing for requests
  /// that are none. `methods`: of the path ("GET, HEAD"), empty where there is nothing.
  [[nodiscard]] std::optional<net::http_reply> preflight(const net::http_server_request& request,
                                                         std::string_view methods) const;

  /// Says in a reply whether the page that asked may read it.
  void complete(const net::http_headers& of_request, net::http_reply& reply) const;

private:
  [[nodiscard]] bool allows(std::string_view origin) const noexcept;

  std::vector<std::string> origins_; ///< in lower case
  bool any_ = false;
};

} // namespace penstock::gateway
