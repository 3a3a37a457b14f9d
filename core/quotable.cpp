#include "core/quotable.hpp"

namespace penstock {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::size_t longest_character = 4; // bytes, RFC 3629

bool goes_on(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

} // namespace

std::string quotable(std::string_view text, std::size_t most) {
  if (text.size() > most) {
    std::size_t end = most;
    while (end > 0 && most - end < longest_character && goes_on(text[end]))
      --end;
    text = text.substr(0, most - end < longest_character ? end : most); // else it is no text: cut anywhere
  }
  std::string out;
  out.reserve(text.size());
  for (const char byte : text)
    if (static_cast<unsigned char>(byte) < ' ' || byte == 127)
      out += replacement;
    else
      out += byte;
  return out;
}

} // namespace penstock
