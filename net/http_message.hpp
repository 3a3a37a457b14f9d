#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "net/http_headers.hpp"

namespace penstock::net {

/// A request that we send.
struct http_request {
  std::string method = "GET";
  std::string url;        ///< absolute; its fragment and user information are not sent
  http_headers headers{}; ///< Host, Content-Length and Connection are written by the client
  std::string body{};
  /// Total time from the call to the last byte of the answer: name, connection, TLS, sending and receiving.
  duration timeout = std::chrono::seconds(30);
  /// A longer answer body ends the exchange with unexpected_shape.
  std::size_t max_body = 16u * 1024 * 1024;
  /// Whether sending it twice does no harm. Unset: the method decides (RFC 9110, 9.2.2).
  std::optional<bool> idempotent{};
  /// Never sent on a pooled connection: for requests whose fate must not depend on a connection that went stale.
  bool fresh_connection = false;

  [[nodiscard]] bool is_idempotent() const noexcept;
};

/// An answer that we received. Its status may be any: mapping it to an error is the caller's (provider_status.hpp).
struct http_response {
  int status = 0;
  http_headers headers{};
  std::string body{};

  /// `Retry-After`, in seconds or as an HTTP date relative to `now`; never negative, and a day at most: whoever is told
  /// a year asks again tomorrow. Nothing if absent or unreadable.
  [[nodiscard]] std::optional<duration> retry_after(timestamp now) const;
};

} // namespace penstock::net
