#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace penstock::sandbox {

/// splitmix64's mixing step: every bit of the input moves half of the bits of the output.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) noexcept {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

/// 64 bits that depend on all of the numbers and on their order. What is made from such bits needs no memory: it can be
/// made again from its place.
[[nodiscard]] constexpr std::uint64_t mix(std::initializer_list<std::uint64_t> numbers) noexcept {
  std::uint64_t out = 0;
  for (const auto number : numbers)
    out = mix(out ^ mix(number));
  return out;
}

[[nodiscard]] constexpr std::uint64_t mix_text(std::string_view text) noexcept {
  std::uint64_t out = text.size();
  for (const char c : text)
    out = mix(out ^ static_cast<unsigned char>(c));
  return out;
}

/// A run of draws for one thing: each call gives other bits, and the same ones for the same key. Costs no allocation.
class draws {
public:
  explicit constexpr draws(std::uint64_t key) noexcept : key_(key) {}

  constexpr std::uint64_t bits() noexcept { return mix(key_ + 0x632be59bd9b4e019u * ++count_); }
  /// From [0, bound); the bias of a 64-bit remainder is of no interest here. 0 for bound 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : bits() % bound; }
  /// True for about so many of a hundred.
  constexpr bool percent(unsigned share) noexcept { return below(100) < share; }
  /// From [0, 1).
  constexpr double unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

private:
  std::uint64_t key_;
  std::uint64_t count_ = 0;
};

} // namespace penstock::sandbox
