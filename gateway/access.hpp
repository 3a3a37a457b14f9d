#pragma once

#include <optional>
#include <string>

#include "gateway/route.hpp"
#include "gateway/token_directory.hpp"

namespace penstock::gateway {

/// Decides who may call what, from `Authorization: Bearer TOKEN` (RFC 6750), or the cookie of somebody who signed in.
/// Thread-safe.
class access_policy {
public:
  /// All outlive it. `public_url` is read with each request: nobody knows it before the port is known.
  access_policy(const token_directory& tokens, const wall_clock& clock, const std::string& public_url)
      : tokens_(&tokens), clock_(&clock), public_url_(&public_url) {}

  struct admission {
    std::optional<net::http_reply> refusal; ///< unset: the call may go on
    caller who;
  };
  /// 401 without a good token or session where one is needed, 403 where that does not grant it, or where a page of
  /// another site sent the request along with the session's cookie.
  [[nodiscard]] admission admit(access_rule needs, const net::http_server_request& request) const;

private:
  const token_directory* tokens_;
  const wall_clock* clock_;
  const std::string* public_url_;
};

} // namespace penstock::gateway
