#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::connectors::http_json {

/// FNV-1a of texts in their order: tells one from another, and needs no secrecy.
class fingerprint {
public:
  void add(std::string_view text) {
    for (const char c : text)
      mix(static_cast<unsigned char>(c));
    mix(0x100); // "ab", "c" is not "a", "bc"
  }
  [[nodiscard]] std::string text() const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (int shift = 60; shift >= 0; shift -= 4)
      out += digits[(sum_ >> shift) & 15];
    return out;
  }

private:
  void mix(std::uint64_t value) { sum_ = (sum_ ^ value) * 0x100000001b3u; }
  std::uint64_t sum_ = 0xcbf29ce484222325u;
};

} // namespace penstock::connectors::http_json
