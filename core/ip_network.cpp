#include "core/ip_network.hpp"

#include <charconv>

#include "core/quotable.hpp"

namespace penstock {
namespace {

/// What is left of an address when all but its first bits are cleared.
ip_address masked(ip_address address, int bits) noexcept {
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const int of_byte = bits - static_cast<int>(i) * 8;
    if (of_byte < 8)
      address.bytes[i] = of_byte <= 0 ? 0 : static_cast<std::uint8_t>(address.bytes[i] & (0xff << (8 - of_byte)));
  }
  return address;
}

/// An IPv4 range in IPv6 clothes as what it is.
ip_network plain(const ip_network& network) noexcept {
  const auto base = unmapped(network.base);
  return base == network.base || network.bits < 96 ? network : ip_network{base, network.bits - 96};
}

} // namespace

bool ip_network::contains(const ip_address& address) const noexcept {
  const auto plain = unmapped(address);
  return plain.is_v6 == base.is_v6 && masked(plain, bits) == base;
}

result<ip_network> parse_ip_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address)
    return failure(error_code::invalid_argument,
                   "'" + quotable(text, 60) +
                     "' is no IP address or range: write it like 10.1.2.3, 10.0.0.0/8 or fd00::/8");
  ip_network out{*address, address->is_v6 ? 128 : 32};
  if (slash == std::string_view::npos)
    return plain(out);
  const auto digits = text.substr(slash + 1);
  int bits = -1;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (wrong != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > out.bits)
    return failure(error_code::invalid_argument, "'" + quotable(text, 60) + "' needs a number from 0 to " +
                                                   std::to_string(out.bits) + " behind its slash");
  out.bits = bits;
  if (masked(out.base, bits) != out.base)
    return failure(error_code::invalid_argument, "'" + quotable(text, 60) +
                                                   "' has more in its address than its length covers: write " +
                                                   to_string(ip_network{masked(out.base, bits), bits}));
  return plain(out);
}

std::string to_string(const ip_network& network) {
  return to_string(network.base) + "/" + std::to_string(network.bits);
}

} // namespace penstock
