#include "net/url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/ip_address.hpp"

namespace penstock::net {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

tl::unexpected<error> refuse(std::string_view why) {
  // The URL itself is not shown: it may carry a secret.
  return failure(error_code::invalid_argument, "not a usable URL: " + std::string(why));
}

/// Bytes that may not stand anywhere in a URL; others are passed on as they are.
bool has_bad_byte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char raw) {
    const auto c = static_cast<unsigned char>(raw);
    return c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' ||
           c == '{' || c == '|' || c == '}';
  });
}

/// The scheme before ':', or nothing (RFC 3986, 3.1).
std::string_view scheme_of(std::string_view text) {
  const auto colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || colon == 0 || text[colon] != ':')
    return {};
  const auto scheme = text.substr(0, colon);
  const auto ok = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return std::all_of(scheme.begin(), scheme.end(), ok) && lower(scheme[0]) >= 'a' && lower(scheme[0]) <= 'z'
           ? scheme
           : std::string_view{};
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 255 && host.front() != '.' && host.find("..") == std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

/// "2130706433", "0x7f.1", "0177.0.0.1": what old programs took for IPv4 addresses, each in its own way. Only four decimal
/// numbers are one, so that all who look at a host see the same (WHATWG's URL standard, 3.5, for what ends in a number).
bool is_odd_ipv4(std::string_view host) {
  if (host.ends_with('.'))
    host.remove_suffix(1);
  const auto last = host.substr(host.rfind('.') + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_number = last.starts_with("0x") || (!last.empty() && std::all_of(last.begin(), last.end(), digit));
  return is_number && !parse_ip_address(host);
}

/// Fills user_info, host and port from what stands between "//" and the path.
result<void> read_authority(url& out, std::string_view text) {
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    out.user_info = text.substr(0, at);
    text = text.substr(at + 1);
  }
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto address = close == std::string_view::npos ? std::nullopt : parse_ip_address(text.substr(1, close - 1));
    if (!address || !address->is_v6)
      return refuse("the IPv6 address is malformed");
    out.host = lower(text.substr(1, close - 1));
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest[0] != ':')
      return refuse("something stands after the IPv6 address");
    port = rest.empty() ? rest : rest.substr(1);
  } else {
    const auto colon = text.find(':');
    const auto host = text.substr(0, colon);
    if (!is_host_name(host))
      return refuse("the host name is missing or malformed");
    out.host = lower(host);
    if (is_odd_ipv4(out.host))
      return refuse("an IPv4 address is four decimal numbers, such as 192.0.2.1");
    if (out.host.ends_with('.') && parse_ip_address(std::string_view(out.host).substr(0, out.host.size() - 1)))
      out.host.pop_back();
    port = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  }
  if (port.empty())
    return {};
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535)
    return refuse("the port must be a number from 1 to 65535");
  // The scheme's own port is left out, so that equal origins compare equal.
  out.port = number == (out.is_tls() ? 443u : 80u) ? std::uint16_t{0} : static_cast<std::uint16_t>(number);
  return {};
}

/// Splits "path?query#fragment" into its parts.
void read_rest(url& out, std::string_view text) {
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    out.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  const auto mark = text.find('?');
  out.has_query = mark != std::string_view::npos;
  out.query = out.has_query ? text.substr(mark + 1) : std::string_view{};
  out.path = text.substr(0, mark);
}

/// Removes "." and ".." segments (RFC 3986, 5.2.4). `path` starts with '/'.
std::string remove_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const auto next = path.find('/', 1);
    const auto segment = path.substr(0, next);
    const bool last = next == std::string_view::npos;
    path = last ? std::string_view{} : path.substr(next);
    if (segment == "/..") {
      const auto slash = out.rfind('/');
      out.erase(slash == std::string::npos ? 0 : slash);
    }
    if (segment != "/." && segment != "/..")
      out += segment;
    else if (last)
      out += '/';
  }
  return out.empty() ? "/" : out;
}

} // namespace

std::string url::authority() const {
  std::string out = host_is_ipv6() ? '[' + host + ']' : host;
  if (port != 0)
    out += ':' + std::to_string(port);
  return out;
}

std::string url::origin() const { return scheme + "://" + authority(); }

std::string url::target() const { return has_query ? path + '?' + query : path; }

std::string url::to_string() const {
  std::string out = origin() + target();
  if (!fragment.empty())
    out += '#' + fragment;
  return out;
}

void url::add_query(const query_parameters& parameters) {
  if (parameters.empty())
    return;
  if (!query.empty())
    query += '&';
  query += build_query(parameters);
  has_query = true;
}

result<url> parse_url(std::string_view text) {
  if (text.size() > max_url_length)
    return refuse("it is longer than " + std::to_string(max_url_length) + " bytes");
  if (has_bad_byte(text))
    return refuse("it has a character that must be percent-encoded");
  url out;
  out.scheme = lower(scheme_of(text));
  if (out.scheme != "http" && out.scheme != "https")
    return refuse("it must begin with http:// or https://");
  text = text.substr(out.scheme.size() + 1);
  if (!text.starts_with("//"))
    return refuse("it must begin with " + out.scheme + "://");
  text = text.substr(2);
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  if (auto ok = read_authority(out, text.substr(0, end)); !ok)
    return tl::unexpected(ok.error());
  read_rest(out, text.substr(end));
  if (out.path.empty())
    out.path = "/";
  return out;
}

result<url> resolve(const url& base, std::string_view reference) {
  if (reference.size() > max_url_length)
    return refuse("it is longer than " + std::to_string(max_url_length) + " bytes");
  if (!scheme_of(reference).empty())
    return parse_url(reference);
  if (reference.starts_with("//"))
    return parse_url(base.scheme + ':' + std::string(reference));
  if (has_bad_byte(reference))
    return refuse("it has a character that must be percent-encoded");
  url out = base;
  out.fragment.clear();
  read_rest(out, reference);
  if (out.path.empty()) {
    out.path = base.path;
    if (!out.has_query) {
      out.query = base.query;
      out.has_query = base.has_query;
    }
  } else {
    if (out.path[0] != '/')
      out.path = base.path.substr(0, base.path.rfind('/') + 1) + out.path;
    out.path = remove_dots(out.path);
  }
  if (out.to_string().size() > max_url_length)
    return refuse("it is longer than " + std::to_string(max_url_length) + " bytes");
  return out;
}

} // namespace penstock::net
