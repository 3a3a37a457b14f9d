#include "core/address_kind.hpp"

#include <algorithm>
#include <array>

namespace penstock {
namespace {

struct range {
  std::array<std::uint8_t, 16> base;
  int bits;
  address_kind kind;
};

bool starts_with(const ip_address& address, const range& of) noexcept {
  for (int bit = 0; bit < of.bits; bit += 8) {
    const auto at = static_cast<std::size_t>(bit) / 8;
    const int left = of.bits - bit;
    const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xff : 0xff << (8 - left));
    if (((address.bytes[at] ^ of.base[at]) & mask) != 0)
      return false;
  }
  return true;
}

using enum address_kind;

// The first that fits counts.
constexpr std::array<range, 19> ranges_v4{{
  {{0}, 8, unspecified},
  {{10}, 8, private_use},
  {{100, 100, 100, 200}, 32, metadata}, // Alibaba
  {{100, 64}, 10, carrier_nat},
  {{127}, 8, loopback},
  {{168, 63, 129, 16}, 32, metadata},   // Azure
  {{169, 254, 169, 254}, 32, metadata}, // nearly all
  {{169, 254}, 16, link_local},
  {{172, 16}, 12, private_use},
  {{192, 0, 0}, 24, reserved},
  {{192, 0, 2}, 24, documentation},
  {{192, 88, 99}, 24, tunnelled},
  {{192, 168}, 16, private_use},
  {{198, 18}, 15, reserved},
  {{198, 51, 100}, 24, documentation},
  {{203, 0, 113}, 24, documentation},
  {{224}, 4, multicast},
  {{240}, 4, reserved},
  {{255, 255, 255, 255}, 32, reserved},
}};

constexpr std::array<range, 12> ranges_v6{{
  {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 128, unspecified},
  {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, loopback},
  {{0}, 96, tunnelled},                // IPv4-compatible, given up by RFC 4291
  {{0xfe, 0x80}, 10, link_local},      //
  {{0xfe, 0xc0}, 10, private_use},     // site-local, given up by RFC 3879
  {{0xfc}, 7, unique_local},           //
  {{0xff}, 8, multicast},              //
  {{0x20, 0x01, 0, 0}, 32, tunnelled}, // Teredo
  {{0x20, 0x01, 0x0d, 0xb8}, 32, documentation},
  {{0x20, 0x01}, 23, reserved},  // for protocols
  {{0x20, 0x02}, 16, tunnelled}, // 6to4
  {{0x3f, 0xff}, 20, documentation},
}};

template <std::size_t Count>
const range* find(const std::array<range, Count>& ranges, const ip_address& address) noexcept {
  const auto found =
    std::find_if(ranges.begin(), ranges.end(), [&](const range& each) { return starts_with(address, each); });
  return found == ranges.end() ? nullptr : &*found;
}

address_kind kind_of_v6(const ip_address& address) noexcept {
  // RFC 6052: behind a translator the last four bytes are reached as an IPv4 address.
  constexpr range translated{{0, 0x64, 0xff, 0x9b}, 96, global};
  if (starts_with(address, translated)) {
    ip_address inner;
    std::copy(address.bytes.begin() + 12, address.bytes.end(), inner.bytes.begin());
    return kind_of(inner);
  }
  if (const auto* found = find(ranges_v6, address))
    return found->kind;
  // Only 2000::/3 is given out to the internet.
  return (address.bytes[0] & 0xe0) == 0x20 ? global : reserved;
}

} // namespace

address_kind kind_of(const ip_address& address) noexcept {
  const auto plain = unmapped(address);
  if (plain.is_v6)
    return kind_of_v6(plain);
  const auto* found = find(ranges_v4, plain);
  return found ? found->kind : global;
}

std::string_view describe(address_kind kind) noexcept {
  switch (kind) {
    case global: return "an address of the internet";
    case unspecified: return "an unspecified address";
    case loopback: return "a loopback address";
    case private_use: return "a private address";
    case unique_local: return "a unique local address";
    case link_local: return "a link-local address";
    case carrier_nat: return "an address behind a carrier's NAT";
    case metadata: return "a cloud's metadata address";
    case multicast: return "a multicast address";
    case documentation: return "an address for documentation";
    case tunnelled: return "an IPv4 address tunnelled in IPv6";
    case reserved: return "a reserved address";
  }
  return "an unknown address";
}

} // namespace penstock
