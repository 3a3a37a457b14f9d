#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/query.hpp"

namespace penstock::net {

/// Longer URLs are refused by `parse_url` and `resolve`.
inline constexpr std::size_t max_url_length = 8192;

/// An absolute http or https URL (RFC 3986), its parts as they are written on the wire (percent-encoded).
struct url {
  std::string scheme;     ///< "http" or "https"
  std::string user_info;  ///< "name:password"; never sent and never shown by us
  std::string host;       ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 0; ///< 0: the scheme's own
  std::string path = "/"; ///< starts with '/'
  std::string query;      ///< without '?'
  bool has_query = false; ///< tells "/a?" from "/a"
  std::string fragment;   ///< without '#'; never sent

  [[nodiscard]] bool is_tls() const noexcept { return scheme == "https"; }
  [[nodiscard]] bool host_is_ipv6() const noexcept { return host.find(':') != std::string::npos; }
  /// The port to connect to.
  [[nodiscard]] std::uint16_t effective_port() const noexcept { return port != 0 ? port : is_tls() ? 443 : 80; }
  /// `host` or `host:port`, as the Host header wants it.
  [[nodiscard]] std::string authority() const;
  /// `scheme://host[:port]`: what connections, cookies and messages go by.
  [[nodiscard]] std::string origin() const;
  /// `path[?query]`: the request target.
  [[nodiscard]] std::string target() const;
  /// The whole URL without user information, which must never be written anywhere.
  [[nodiscard]] std::string to_string() const;
  /// Adds parameters to the query, encoded.
  void add_query(const query_parameters& parameters);
};

/// Parses an absolute URL. Refused (invalid_argument): other schemes, no host, spaces and control characters,
/// broken percent-encoding in the host, a port of 0 or above 65535, more than `max_url_length` bytes.
[[nodiscard]] result<url> parse_url(std::string_view text);

/// What `reference` (absolute, "//host/x", "/x", "x", "?q", "#f") means when found at `base` (RFC 3986, 5.2).
[[nodiscard]] result<url> resolve(const url& base, std::string_view reference);

} // namespace penstock::net
