#include "core/unique_key.hpp"

#include <cstdint>

namespace penstock {
namespace {

constexpr std::size_t longest_plain = 200;

__extension__ using uint128 = unsigned __int128;

constexpr uint128 fnv_offset = (uint128{0x6c62272e07bb0142} << 64) | 0x62b821756295c58d;
constexpr uint128 fnv_prime = (uint128{1} << 88) | 0x13b;

} // namespace

std::string fnv1a_128_hex(std::string_view bytes) {
  uint128 hash = fnv_offset;
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= fnv_prime;
  }
  std::string text(32, '0');
  for (std::size_t i = text.size(); i-- > 0; hash >>= 4)
    text[i] = "0123456789abcdef"[static_cast<unsigned>(hash & 0xf)];
  return text;
}

std::string unique_key_text(organisation_id organisation, std::string_view kind, std::string_view key) {
  std::string text = std::to_string(organisation.value) + ":";
  std::string rest = std::to_string(kind.size()) + ":";
  rest.append(kind).append(":").append(key);
  if (kind.size() + key.size() <= longest_plain)
    return text + rest;
  return text + "#" + fnv1a_128_hex(rest);
}

} // namespace penstock
