#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "net/token_hash.hpp"

namespace penstock::gateway {

using net::token_hash;

/// Who may call a route, and what a caller may. Each level includes those before it.
enum class access_level : std::uint8_t {
  anybody,  ///< no token: a secret stands in the path, or there is nothing to protect
  loopback, ///< no token on this machine; from elsewhere as `viewer`
  viewer,
  operating,
  admin
};

/// The role that grants it; empty for those that need none.
[[nodiscard]] constexpr std::string_view role_name(access_level level) noexcept {
  switch (level) {
    case access_level::viewer: return "viewer";
    case access_level::operating: return "operator";
    case access_level::admin: return "admin";
    default: return "";
  }
}

/// What a route asks of its caller.
struct access_rule {
  access_level level = access_level::admin;
  /// Its handler tells and changes nothing but what belongs to the caller's organisation: callers that are bound to one may
  /// come. To all others the rest of the node is closed.
  bool scoped = false;

  constexpr access_rule(access_level needs, bool is_scoped = false) : level(needs), scoped(is_scoped) {}
};

/// For tables of routes.
[[nodiscard]] constexpr access_rule scoped(access_level level) { return {level, true}; }

/// Whoever sent a request, as far as it is known.
struct caller {
  access_level level = access_level::anybody;
  organisation_id organisation{}; ///< bound to it; 0: to none
  token_id token{};               ///< 0: the administrator's of the data directory, somebody signed in, or none
  user_id user{};                 ///< who signed in
  std::string name = "anybody";   ///< "admin", "token 12 (deploy)", "user 7 (anna)"
  token_hash credential{};        ///< what let it in; meaningless without `token` and `user`

  /// Whether it is one that the store knows, and not the administrator's of the data directory.
  [[nodiscard]] bool is_stored() const noexcept { return token || user; }

  /// Whether what belongs to `owner` may be told to it.
  [[nodiscard]] bool sees(organisation_id owner) const noexcept { return !organisation || organisation == owner; }
};

} // namespace penstock::gateway
