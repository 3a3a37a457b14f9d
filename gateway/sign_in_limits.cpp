#include "gateway/sign_in_limits.hpp"

#include <algorithm>

#include "core/ip_address.hpp"

namespace penstock::gateway {

std::string network_of(std::string_view address) {
  const auto parsed = parse_ip_address(address);
  if (!parsed)
    return std::string(address);
  auto plain = unmapped(*parsed);
  if (plain.is_v6)
    std::fill(plain.bytes.begin() + 8, plain.bytes.end(), std::uint8_t{0});
  return to_string(plain);
}

} // namespace penstock::gateway
