#include "sandbox/oauth_token.hpp"

#include <array>
#include <charconv>

#include "sandbox/draw.hpp"

namespace penstock::sandbox {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr int hexadecimal = 16;

std::string hex(std::uint64_t number) {
  std::array<char, hexadecimal> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal).ptr;
  return {digits.data(), end};
}

std::string hex(std::string_view text) {
  std::string out;
  for (const unsigned char c : text) {
    out += hex_digits[c >> 4];
    out += hex_digits[c & 15u];
  }
  return out;
}

std::optional<std::string> text_of_hex(std::string_view digits) {
  if (digits.size() % 2 != 0)
    return {};
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_digits.find(digits[i]), low = hex_digits.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos)
      return {};
    out += static_cast<char>(high * hexadecimal + low);
  }
  return out;
}

std::string seconds_text(timestamp moment) {
  return hex(static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count()));
}

std::string seal(std::string_view text, std::uint64_t seed) { return hex(mix({seed, mix_text(text)})); }

/// Takes one part off the front.
std::string_view next_part(std::string_view& rest) {
  const auto dot = rest.find('.');
  const auto part = rest.substr(0, dot);
  rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  return part;
}

std::optional<std::uint64_t> next_number(std::string_view& rest) {
  const auto part = next_part(rest);
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(part.data(), part.data() + part.size(), number, hexadecimal);
  if (problem != std::errc{} || end != part.data() + part.size())
    return {};
  return number;
}

timestamp moment_of(std::uint64_t seconds) {
  return timestamp{std::chrono::seconds{static_cast<std::int64_t>(seconds)}};
}

} // namespace

std::string write_token(const oauth_token& token, std::uint64_t seed) {
  std::string text = (token.is_refresh ? "refresh." : "access.") + hex(token.user) + '.' + hex(token.generation) + '.' +
                     seconds_text(token.issued_at) + '.' + seconds_text(token.approved_at) + '.' + hex(token.client_id);
  return text + '.' + seal(text, seed);
}

std::optional<oauth_token> read_token(std::string_view text, std::uint64_t seed) {
  const auto last_dot = text.rfind('.');
  if (last_dot == std::string_view::npos || text.substr(last_dot + 1) != seal(text.substr(0, last_dot), seed))
    return {};
  auto rest = text.substr(0, last_dot);
  oauth_token token;
  token.is_refresh = next_part(rest) == "refresh";
  const auto user = next_number(rest), generation = next_number(rest), issued = next_number(rest),
             approved = next_number(rest);
  const auto client = text_of_hex(next_part(rest));
  if (!user || !generation || !issued || !approved || !client)
    return {};
  token.user = static_cast<std::uint32_t>(*user);
  token.generation = *generation;
  token.issued_at = moment_of(*issued);
  token.approved_at = moment_of(*approved);
  token.client_id = *client;
  return token;
}

} // namespace penstock::sandbox
