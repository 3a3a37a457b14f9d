#pragma once

#include <cstdint>
#include <string_view>

#include "core/ip_address.hpp"

namespace penstock {

/// What an address is for, by IANA's registries of special-purpose addresses (RFC 6890 and those after it).
enum class address_kind : std::uint8_t {
  global,        ///< of the internet: everything else
  unspecified,   ///< 0.0.0.0/8, ::
  loopback,      ///< 127.0.0.0/8, ::1
  private_use,   ///< RFC 1918, and IPv6's fec0::/10 of old
  unique_local,  ///< fc00::/7
  link_local,    ///< 169.254.0.0/16, fe80::/10
  carrier_nat,   ///< 100.64.0.0/10
  metadata,      ///< where clouds tell a machine its credentials, as far as these are not among the others
  multicast,     ///< 224.0.0.0/4, ff00::/8
  documentation, ///< 192.0.2.0/24 and the like
  tunnelled, ///< an IPv4 address in an IPv6 one by 6to4, Teredo or the compatible form: whom it reaches is not to be known
  reserved ///< for benchmarks, protocols and times to come
};

/// IPv4 addresses in IPv6 ones are what the IPv4 address is where it is reached as such (::ffff:0:0/96, 64:ff9b::/96).
[[nodiscard]] address_kind kind_of(const ip_address& address) noexcept;

/// "a loopback address": for messages.
[[nodiscard]] std::string_view describe(address_kind kind) noexcept;

} // namespace penstock
