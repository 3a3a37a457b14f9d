#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace penstock::config {

struct listen_address {
  std::string address;    ///< an IP address, IPv6 without brackets
  std::uint16_t port = 0; ///< 0: any free one
};

/// Reads "127.0.0.1:8080" or "[::1]:8080". Names are refused: what they resolve to may change. `invalid_argument`.
[[nodiscard]] result<listen_address> parse_listen_address(std::string_view text);

/// "http://127.0.0.1:8080", with TLS "https://…": how the same machine reaches it; the addresses that mean "all" become
/// loopback.
[[nodiscard]] std::string local_url(const listen_address& listen, bool tls);

} // namespace penstock::config
