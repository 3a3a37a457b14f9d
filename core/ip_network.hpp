#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/ip_address.hpp"

namespace penstock {

/// A range of addresses with a common beginning (RFC 4632, RFC 4291).
struct ip_network {
  ip_address base{};
  int bits = 32; ///< of the common beginning: 0 to 32, for IPv6 to 128

  /// An IPv4 address in its IPv6 clothes (::ffff:a.b.c.d) counts as what it is.
  [[nodiscard]] bool contains(const ip_address& address) const noexcept;

  friend bool operator==(const ip_network&, const ip_network&) = default;
};

/// Reads "10.0.0.0/8", "fd00::/8", "192.0.2.1" and "::1". `invalid_argument` that says what is wrong; bits set behind the
/// prefix are wrong, since the writer meant something else.
[[nodiscard]] result<ip_network> parse_ip_network(std::string_view text);

[[nodiscard]] std::string to_string(const ip_network& network);

} // namespace penstock
