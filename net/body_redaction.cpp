#include "net/body_redaction.hpp"

#include <algorithm>

#include "net/query.hpp"
#include "net/url_redaction.hpp"
#include "net/utf8_text.hpp"

namespace penstock::net {
namespace {

constexpr std::string_view hidden = "…";
constexpr std::string_view spaces = " \t\r\n";

/// The place behind a string's closing quote; `at` is that of its opening one. The end of the text if it is cut.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return std::min(at + 1, text.size());
}

/// The place behind the array or object that begins at `at`, with all that it holds. The end of the text if it is cut.
std::size_t end_of_nested(std::string_view text, std::size_t at) {
  for (std::size_t depth = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      continue;
    }
    ++at;
    if (c == '{' || c == '[')
      ++depth;
    else if ((c == '}' || c == ']') && --depth == 0)
      break;
  }
  return at;
}

/// The place behind the value of any kind that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (text[at] == '"')
    return end_of_string(text, at);
  if (text[at] == '{' || text[at] == '[')
    return end_of_nested(text, at);
  return std::min(text.find_first_of(",}] \t\r\n", at), text.size());
}

/// A name with escapes may spell a secret's: nobody who means well writes one so.
bool may_be_secret(std::string_view name) { return name.find('\\') != std::string_view::npos || is_secret_name(name); }

/// Whether a text holds the address of a webhook, whose last part is a secret, however its slashes are written.
bool holds_webhook_address(std::string_view text) {
  for (const std::string_view slash : {"/", "\\/", "%2F", "%2f"}) {
    const auto mark = std::string(slash) + "webhooks" + std::string(slash);
    if (const auto at = text.find(mark); at != std::string_view::npos)
      return text.find(slash, at + mark.size()) != std::string_view::npos;
  }
  return false;
}

/// Copies JSON, or what is left of it, and leaves out whatever stands behind secret names, and addresses of webhooks.
std::string redact_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] != '"') {
      out += text[at++];
      continue;
    }
    const auto end = end_of_string(text, at);
    const auto name = text.substr(at + 1, end > at + 2 ? end - at - 2 : 0);
    if (holds_webhook_address(name))
      out.append("\"").append(hidden).append("\"");
    else
      out.append(text.substr(at, end - at));
    at = end;
    const auto colon = text.find_first_not_of(spaces, at);
    if (colon == std::string_view::npos || text[colon] != ':' || !may_be_secret(name))
      continue;
    const auto value = text.find_first_not_of(spaces, colon + 1);
    out.append(text.substr(at, std::min(value, text.size()) - at));
    at = std::min(value, text.size());
    if (at == text.size())
      continue;
    at = end_of_value(text, at);
    out.append("\"").append(hidden).append("\"");
  }
  return out;
}

/// As a reader of forms takes it: `user%5Bpassword%5D` is `user[password]`, and the parts of such a name count too. One whose
/// percent signs are broken may be read as anything.
bool may_be_secret_in_form(std::string_view encoded) {
  const auto name = percent_decode(encoded);
  if (!name || is_secret_name(*name))
    return true;
  std::string_view rest = *name;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("[]"), rest.size());
    if (is_secret_name(rest.substr(0, end)))
      return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string redact_form(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('&', at), text.size());
    const auto pair = text.substr(at, end - at);
    const auto equals = pair.find('=');
    if (at > 0)
      out += '&';
    if (equals != std::string_view::npos &&
        (may_be_secret_in_form(pair.substr(0, equals)) || holds_webhook_address(pair.substr(equals))))
      out.append(pair.substr(0, equals + 1)).append(hidden);
    else
      out.append(pair);
    at = end + 1;
  }
  return out;
}

} // namespace

std::string redact_body(std::string_view body) {
  // Cut first: a secret whose name was cut off is gone with it.
  const auto kept = well_formed_utf8(clip_utf8(body, most_kept_of_a_body));
  const auto first = kept.find_first_not_of(spaces);
  const bool is_json = first != std::string::npos && (kept[first] == '{' || kept[first] == '[');
  auto shown = is_json ? redact_json(kept) : kept.find('=') != std::string::npos ? redact_form(kept) : kept;
  std::replace(shown.begin(), shown.end(), '\0', ' ');
  return shown;
}

} // namespace penstock::net
