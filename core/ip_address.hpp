#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

/// An IPv4 or IPv6 address, in the order of the wire.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{}; ///< of an IPv4 address the first four; the rest is zero
  bool is_v6 = false;

  friend bool operator==(const ip_address&, const ip_address&) = default;
  friend auto operator<=>(const ip_address&, const ip_address&) = default;
};

/// Reads "192.0.2.1" and "2001:db8::1", and nothing else: no names, no brackets, no zone, no octal, hexadecimal or short forms
/// of IPv4.
[[nodiscard]] std::optional<ip_address> parse_ip_address(std::string_view text);

/// The shortest usual form: "::1".
[[nodiscard]] std::string to_string(const ip_address& address);

/// The IPv4 address in ::ffff:a.b.c.d, which is how an IPv6 socket shows it; others as they are.
[[nodiscard]] ip_address unmapped(const ip_address& address) noexcept;

} // namespace penstock
