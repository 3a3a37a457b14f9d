#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "gateway/route.hpp"

namespace penstock::gateway {

/// A token as the node keeps it: its SHA-256. Tokens are long and random, so that no slow hash is needed.
using token_hash = std::array<unsigned char, 32>;

[[nodiscard]] token_hash hash_token(std::string_view token);

/// Decides who may call what, from `Authorization: Bearer TOKEN` (RFC 6750). Thread-safe: constant after construction.
class access_policy {
public:
  explicit access_policy(token_hash admin) : admin_(admin) {}

  /// Nothing: the call may go on. Else the 401 that answers it.
  [[nodiscard]] std::optional<net::http_reply> refuse(access_level needs,
                                                      const net::http_server_request& request) const;

private:
  /// What the request's token grants; nothing without a good one.
  [[nodiscard]] std::optional<access_level> granted(const net::http_server_request& request) const;

  token_hash admin_;
};

} // namespace penstock::gateway
