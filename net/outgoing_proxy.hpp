#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/asio.hpp"
#include "net/byte_stream.hpp"
#include "net/url.hpp"

namespace penstock::net {

/// An HTTP proxy through which requests leave the machine (RFC 9110, 7.3.2 and 9.3.6).
struct outgoing_proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization{}; ///< value of Proxy-Authorization, a secret; empty: none
};

/// Reads "http://user:password@proxy.example:3128". `invalid_argument`, without the text, which may hold a password.
[[nodiscard]] result<outgoing_proxy> parse_outgoing_proxy(std::string_view text);

/// The request for a tunnel to the target.
[[nodiscard]] std::string connect_request(const outgoing_proxy& proxy, const url& target);

/// Asks the proxy at the other end of the stream for a tunnel to the target. After it the stream is the target's.
/// `network` when the proxy will not or cannot, `bad_configuration` when it wants other credentials. It has no limit of its
/// own; the proxy's answer may be 16 KB long.
[[nodiscard]] asio::awaitable<result<void>> open_tunnel(const outgoing_proxy& proxy, const url& target,
                                                        byte_stream& stream);

} // namespace penstock::net
