#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/byte_stream.hpp"
#include "net/host_resolver.hpp"
#include "net/outgoing_proxy.hpp"
#include "net/url.hpp"
#include "net/url_guard.hpp"

namespace penstock::net {

/// Opens connections: resolves a name, tries its addresses in turn, shakes hands. Without state of its own.
struct dialer {
  std::shared_ptr<asio::ssl::context> tls;
  duration connect_timeout =
    std::chrono::seconds(10);                    ///< for each address; then again for a proxy's tunnel, and for TLS
  std::shared_ptr<const url_guard> guard{};      ///< null: everybody may be reached
  std::shared_ptr<const outgoing_proxy> proxy{}; ///< null: none
  host_resolver resolve = resolve_host;

  /// Whether the way to the target leads through the proxy. It does not for this machine and for hosts that the guard
  /// lists: what a proxy calls localhost is another machine, and the others are ours.
  [[nodiscard]] bool uses_proxy(const url& target) const;

  /// What can be said against the target before anything is resolved.
  [[nodiscard]] result<void> admit(const url& target) const;

  /// A connection ready for use, on the executor of the calling coroutine (a strand). Each address is shown to the guard
  /// just before it is connected to; through a proxy, which resolves names by itself, `admit` is all there is. Errors:
  /// `network`, `timed_out` (no address answered in time), `bad_configuration` (the guard refused all of them, or
  /// the system's certificate authorities cannot be used). The messages name the origin only.
  [[nodiscard]] asio::awaitable<result<std::unique_ptr<byte_stream>>> dial(const url& target) const;
};

} // namespace penstock::net
