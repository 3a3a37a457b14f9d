#include "net/http_headers.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace penstock::net {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Each field of each reply is looked through, so that one look a character is worth a table.
constexpr auto token_chars = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token_char(char c) noexcept { return token_chars[static_cast<unsigned char>(c)]; }

constexpr bool ends_field(char c) noexcept { return c == '\r' || c == '\n' || c == '\0'; }

/// Of a reply of ours: grown in one step.
constexpr std::size_t usual_fields = 12, usual_bytes = 400;

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_valid_field(std::string_view name, std::string_view value) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char) &&
         std::none_of(value.begin(), value.end(), ends_field);
}

http_headers::http_headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  for (const auto& [name, value] : fields)
    add(name, value);
}

void http_headers::add(std::string_view name, std::string_view value) {
  // Positions are 32 bits wide; no header of ours comes near, and a limit stands before every parser.
  if (text_.size() + name.size() + value.size() > UINT32_MAX)
    throw std::length_error("http_headers: more than 4 GiB of header");
  if (fields_.capacity() == 0)
    reserve(usual_fields, usual_bytes);
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_.append(name).append(value);
  const auto name_size = static_cast<std::uint32_t>(name.size());
  fields_.push_back({at, name_size, at + name_size, static_cast<std::uint32_t>(value.size())});
}

void http_headers::set(std::string_view name, std::string_view value) {
  // Copied first: the views may point into this very object.
  const std::string own_name(name);
  const std::string own_value(value);
  remove(own_name);
  add(own_name, own_value);
}

bool http_headers::remove(std::string_view name) {
  // The text of removed fields stays behind: headers are short-lived and rarely edited.
  return std::erase_if(fields_, [&](const place& p) {
           return equals_ignoring_case({text_.data() + p.name_at, p.name_size}, name);
         }) > 0;
}

void http_headers::clear() noexcept {
  text_.clear();
  fields_.clear();
}

void http_headers::reserve(std::size_t fields, std::size_t bytes) {
  fields_.reserve(fields);
  text_.reserve(bytes);
}

header_field http_headers::operator[](std::size_t index) const noexcept {
  const place& p = fields_[index];
  return {{text_.data() + p.name_at, p.name_size}, {text_.data() + p.value_at, p.value_size}};
}

std::optional<std::string_view> http_headers::find(std::string_view name) const noexcept {
  for (const auto field : *this)
    if (equals_ignoring_case(field.name, name))
      return field.value;
  return std::nullopt;
}

std::string_view http_headers::value_or(std::string_view name, std::string_view fallback) const noexcept {
  return find(name).value_or(fallback);
}

bool http_headers::has_token(std::string_view name, std::string_view token) const noexcept {
  for (const auto field : *this) {
    if (!equals_ignoring_case(field.name, name))
      continue;
    auto rest = field.value;
    while (!rest.empty()) {
      const auto comma = rest.find(',');
      if (equals_ignoring_case(trim(rest.substr(0, comma)), token))
        return true;
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
  }
  return false;
}

} // namespace penstock::net
