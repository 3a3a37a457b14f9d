#pragma once

#include <optional>

#include "gateway/route.hpp"
#include "gateway/token_directory.hpp"

namespace penstock::gateway {

/// Decides who may call what, from `Authorization: Bearer TOKEN` (RFC 6750). Thread-safe.
class access_policy {
public:
  /// Both outlive it.
  access_policy(const token_directory& tokens, const wall_clock& clock) : tokens_(&tokens), clock_(&clock) {}

  struct admission {
    std::optional<net::http_reply> refusal; ///< unset: the call may go on
    caller who;
  };
  /// 401 without a good token where one is needed, 403 where the token does not grant it.
  [[nodiscard]] admission admit(access_rule needs, const net::http_server_request& request) const;

private:
  const token_directory* tokens_;
  const wall_clock* clock_;
};

} // namespace penstock::gateway
