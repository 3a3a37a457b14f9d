#include "net/url_redaction.hpp"

#include <algorithm>
#include <array>

#include "net/url.hpp"

namespace penstock::net {

namespace {

// A false hit hides a harmless value; a miss shows a secret.
constexpr std::array<std::string_view, 10> secret_parts{"token",   "secret",    "passw",      "apikey",  "api_key",
                                                        "api-key", "signature", "credential", "session", "assertion"};
constexpr std::array<std::string_view, 11> secret_names{"key",  "code", "sig",   "auth", "state",        "pin",
                                                        "pass", "pwd",  "nonce", "jwt",  "authorization"};

} // namespace

bool is_secret_name(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::find(secret_names.begin(), secret_names.end(), lower) != secret_names.end() ||
         std::any_of(secret_parts.begin(), secret_parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::string redact_path(std::string_view path) {
  constexpr std::string_view mark = "/webhooks/";
  const auto at = path.find(mark); // behind a proxy the path may begin with something else
  if (at == std::string_view::npos)
    return std::string(path);
  const auto service_end = path.find('/', at + mark.size());
  if (service_end == std::string_view::npos || service_end + 1 == path.size())
    return std::string(path);
  return std::string(path.substr(0, service_end + 1)) + "…";
}

std::string redact_url(std::string_view text) {
  auto parsed = parse_url(text);
  if (!parsed)
    return "(unreadable URL)";
  std::string query;
  std::string_view rest = parsed->query;
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const auto equals = part.find('=');
    const auto name = percent_decode(part.substr(0, equals)).value_or("");
    if (!query.empty())
      query += '&';
    if (equals == std::string_view::npos || !(name.empty() || is_secret_name(name)))
      query += part;
    else
      query.append(part.substr(0, equals)).append("=…");
  }
  parsed->query = std::move(query);
  parsed->path = redact_path(parsed->path);
  parsed->fragment.clear();
  return parsed->to_string();
}

} // namespace penstock::net
