#include "net/query.hpp"

namespace penstock::net {

namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr bool is_alphanumeric(unsigned char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

void append_escape(std::string& out, unsigned char c) {
  out += '%';
  out += hex_digits[c >> 4];
  out += hex_digits[c & 15];
}

/// The byte that "%XY" at `at` stands for, or -1.
int escape_at(std::string_view text, std::size_t at) noexcept {
  if (at + 2 >= text.size())
    return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string form_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = text[i] == '%' ? escape_at(text, i) : -1;
    if (byte >= 0) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

void append_form(std::string& out, std::string_view text) {
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (is_alphanumeric(c) || c == '*' || c == '-' || c == '.' || c == '_')
      out += raw;
    else if (c == ' ')
      out += '+';
    else
      append_escape(out, c);
  }
}

} // namespace

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
      out += raw;
    else
      append_escape(out, c);
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  if (text.find('%') == std::string_view::npos)
    return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int byte = escape_at(text, i);
    if (byte < 0)
      return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

std::string build_query(const query_parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty())
      out += '&';
    out += percent_encode(name);
    out += '=';
    out += percent_encode(value);
  }
  return out;
}

query_parameters parse_query(std::string_view query) {
  query_parameters out;
  while (!query.empty() && out.size() < max_query_parameters) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (part.empty())
      continue;
    const auto equals = part.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    out.emplace_back(form_decode(part.substr(0, equals)), form_decode(value));
  }
  return out;
}

std::string form_encode(const query_parameters& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty())
      out += '&';
    append_form(out, name);
    out += '=';
    append_form(out, value);
  }
  return out;
}

std::optional<std::string_view> find_parameter(const query_parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name)
      return value;
  return std::nullopt;
}

} // namespace penstock::net
