#include "connectors/apple_health/small_json.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "connectors/json_body.hpp"

namespace penstock::connectors::apple_health {
namespace {

namespace dom = simdjson::dom;

template <class Number>
void append_number(std::string& out, Number value) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), value).ptr;
  out.append(text, end);
}

void append_object(std::string& out, dom::object object) {
  std::vector<std::pair<std::string_view, dom::element>> members;
  members.reserve(object.size());
  for (const auto field : object)
    members.emplace_back(field.key, field.value);
  std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  out += '{';
  bool first = true;
  for (auto at = members.begin(); at != members.end(); ++at) {
    if (std::next(at) != members.end() && std::next(at)->first == at->first)
      continue;
    if (!std::exchange(first, false))
      out += ',';
    append_quoted(out, at->first);
    out += ':';
    append_canonical(out, at->second);
  }
  out += '}';
}

void append_list(std::string& out, dom::array list) {
  out += '[';
  bool first = true;
  for (const auto element : list) {
    if (!std::exchange(first, false))
      out += ',';
    append_canonical(out, element);
  }
  out += ']';
}

} // namespace

bool has_control_character(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::string> small_text(std::string_view json) {
  std::string held(json);
  const auto parsed = small_value(held);
  std::string_view text;
  if (!parsed || parsed->get_string().get(text) || has_control_character(text))
    return std::nullopt;
  return std::string(text);
}

std::optional<dom::element> small_value(std::string& json) {
  const auto parsed = read_json(json, "a part of the export");
  if (!parsed)
    return std::nullopt;
  return *parsed;
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20)
      ((out += "\\u00") += digits[byte >> 4U]) += digits[byte & 15U];
    else
      out += c;
  }
  out += '"';
}

void append_canonical(std::string& out, dom::element value) {
  switch (value.type()) {
    case dom::element_type::OBJECT: return append_object(out, value.get_object().value_unsafe());
    case dom::element_type::ARRAY: return append_list(out, value.get_array().value_unsafe());
    case dom::element_type::STRING: return append_quoted(out, value.get_string().value_unsafe());
    case dom::element_type::INT64: return append_number(out, value.get_int64().value_unsafe());
    case dom::element_type::UINT64: return append_number(out, value.get_uint64().value_unsafe());
    case dom::element_type::DOUBLE: return append_number(out, value.get_double().value_unsafe());
    case dom::element_type::BOOL: out += value.get_bool().value_unsafe() ? "true" : "false"; return;
    case dom::element_type::NULL_VALUE: out += "null"; return;
  }
}

} // namespace penstock::connectors::apple_health
