#include "net/utf8_text.hpp"

#include <algorithm>

namespace penstock::net {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// What a first byte promises. The bounds of the second byte rule out overlong forms, surrogates and what lies behind
/// U+10FFFF; later bytes are 80 to BF.
struct promise {
  std::size_t length = 0; ///< 0: no character begins so
  unsigned char least = 0x80, most = 0xBF;
};

promise promise_of(unsigned char first) noexcept {
  if (first < 0x80)
    return {.length = 1};
  if (first < 0xC2)
    return {};
  if (first < 0xE0)
    return {.length = 2};
  if (first < 0xF0)
    return {.length = 3,
            .least = static_cast<unsigned char>(first == 0xE0 ? 0xA0 : 0x80),
            .most = static_cast<unsigned char>(first == 0xED ? 0x9F : 0xBF)};
  if (first < 0xF5)
    return {.length = 4,
            .least = static_cast<unsigned char>(first == 0xF0 ? 0x90 : 0x80),
            .most = static_cast<unsigned char>(first == 0xF4 ? 0x8F : 0xBF)};
  return {};
}

struct piece {
  std::size_t length = 1; ///< of the character, or of the bytes that one replacement stands for
  bool good = false;
};

piece first_piece(std::string_view text) noexcept {
  const auto expected = promise_of(static_cast<unsigned char>(text[0]));
  if (expected.length <= 1)
    return {1, expected.length == 1};
  const auto there = std::min(expected.length, text.size());
  for (std::size_t i = 1; i < there; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool fits = i == 1 ? byte >= expected.least && byte <= expected.most : byte >= 0x80 && byte <= 0xBF;
    if (!fits)
      return {i, false};
  }
  return {there, there == expected.length};
}

} // namespace

std::string well_formed_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto next = first_piece(text);
    out.append(next.good ? text.substr(0, next.length) : replacement);
    text.remove_prefix(next.length);
  }
  return out;
}

std::string_view clip_utf8(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most)
    return text;
  const auto continues = [text](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
  std::size_t end = most;
  while (end > 0 && most - end < 4 && continues(end))
    --end;
  // Four bytes that all go on belong to no character: there is nothing to keep whole.
  return text.substr(0, most - end < 4 ? end : most);
}

} // namespace penstock::net
