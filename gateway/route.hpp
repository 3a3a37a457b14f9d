#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/asio.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

struct service_desk;

/// Who may call a route. Each level includes those before it.
enum class access_level : std::uint8_t {
  anybody,  ///< no token: a secret stands in the path, or there is nothing to protect
  loopback, ///< no token on this machine; from elsewhere as `viewer`
  viewer,
  operating,
  admin
};

/// One request on its way to its handler. It outlives the handler's coroutine.
struct call {
  net::http_server_request request;
  /// What stood at the `{…}` of the pattern, in order, decoded.
  std::array<std::string, 2> captured;
  std::string request_id;

  [[nodiscard]] const std::string& id() const noexcept { return captured[0]; }
};

/// What a handler makes of a call: a reply, or the error that becomes a problem document. Runs on the connection's
/// strand and must not block.
using answer = net::asio::awaitable<result<net::http_reply>>;
using route_handler = answer (*)(service_desk&, call&);

/// One line of the table of routes.
struct route {
  std::string_view method;  ///< GET serves HEAD too, unless `acts`
  std::string_view pattern; ///< "/api/v1/queues/{name}/pause"
  access_level needs = access_level::admin;
  route_handler handler = nullptr;
  bool takes_query = false; ///< others refuse parameters, so that a mistyped one is never passed over
  bool acts = false;        ///< a GET with effects (it spends a code): HEAD is refused
};

/// For tables of routes.
inline constexpr bool with_query = true;
inline constexpr bool with_effects = true;

} // namespace penstock::gateway
