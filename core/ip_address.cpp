#include "core/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace penstock {

std::optional<ip_address> parse_ip_address(std::string_view text) {
  constexpr std::size_t longest = INET6_ADDRSTRLEN;
  if (text.empty() || text.size() > longest || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  ip_address out;
  out.is_v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(out.is_v6 ? AF_INET6 : AF_INET, std::string(text).c_str(), out.bytes.data()) != 1)
    return std::nullopt;
  return out;
}

std::string to_string(const ip_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* written = inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(),
                                  static_cast<unsigned>(text.size()));
  return written == nullptr ? std::string{} : written;
}

ip_address unmapped(const ip_address& address) noexcept {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!address.is_v6 || !std::equal(prefix.begin(), prefix.end(), address.bytes.begin()))
    return address;
  ip_address out;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), out.bytes.begin());
  return out;
}

} // namespace penstock
