#include "gateway/session_cookie.hpp"

#include <optional>

namespace penstock::gateway {
namespace {

constexpr std::string_view plain_name = "penstock_session";
constexpr std::string_view secure_name = "__Host-penstock";

bool is_secure(std::string_view public_url) { return public_url.starts_with("https://"); }

std::string cookie(std::string_view token, std::int64_t seconds, std::string_view public_url) {
  std::string text(session_cookie_name(public_url));
  text.append("=").append(token).append("; Path=/; HttpOnly; SameSite=Lax; Max-Age=").append(std::to_string(seconds));
  if (is_secure(public_url))
    text += "; Secure";
  return text;
}

/// "host:port" of "scheme://host:port/path"; empty if it is none.
std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

/// Nothing: the browser does not say.
std::optional<bool> own_page(const net::http_server_request& request, std::string_view public_url) {
  if (const auto site = request.headers.value_or("Sec-Fetch-Site", {}); !site.empty())
    return site == "same-origin" || (site == "none" && request.method == "GET"); // "none": typed by the person
  auto page = request.headers.value_or("Origin", {});
  if (page.empty())
    page = request.headers.value_or("Referer", {});
  if (page.empty())
    return std::nullopt;
  const auto from = authority_of(page);
  return !from.empty() && (from == request.headers.value_or("Host", {}) || from == authority_of(public_url));
}

} // namespace

std::string_view session_cookie_name(std::string_view public_url) noexcept {
  return is_secure(public_url) ? secure_name : plain_name;
}

std::string session_cookie(std::string_view token, duration lifetime, std::string_view public_url) {
  return cookie(token, std::chrono::duration_cast<std::chrono::seconds>(lifetime).count(), public_url);
}

std::string no_session_cookie(std::string_view public_url) { return cookie({}, 0, public_url); }

std::string_view session_token_of(const net::http_server_request& request, std::string_view public_url) {
  const auto own_name = session_cookie_name(public_url);
  auto rest = request.headers.value_or("Cookie", {});
  while (!rest.empty()) {
    const auto end = rest.find(';');
    auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    while (pair.starts_with(' '))
      pair.remove_prefix(1);
    const auto equals = pair.find('=');
    const auto name = pair.substr(0, equals);
    if (equals != std::string_view::npos && name == own_name)
      return pair.substr(equals + 1);
  }
  return {};
}

bool is_from_own_page(const net::http_server_request& request, std::string_view public_url) {
  return own_page(request, public_url).value_or(false);
}

bool is_from_foreign_page(const net::http_server_request& request, std::string_view public_url) {
  return !own_page(request, public_url).value_or(true);
}

} // namespace penstock::gateway
