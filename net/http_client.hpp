#pragma once

#include "core/error.hpp"
#include "net/asio.hpp"
#include "net/http_message.hpp"

namespace penstock::net {

/// Sends HTTP requests. An interface, so that connectors and retries are tested without sockets.
/// Implementations: `beast_http_client` (the network), `retrying_client` (a decorator), `scripted_http_client` (tests).
class http_client {
public:
  virtual ~http_client() = default;

  /// One exchange. Any status is an answer, not an error. Redirects are not followed. Errors:
  /// `network` (name, connection, TLS, dropped before the header was complete), `timed_out`, `truncated_body` (ended
  /// early), `unexpected_shape` (longer than `max_body`), `invalid_argument` (URL or header that cannot be sent),
  /// `unavailable` (too many connections to that origin), `cancelled` (the coroutine was cancelled).
  /// Messages name method and origin, never path, query, headers or body.
  /// The request is taken by value: the coroutine may outlive the caller's.
  [[nodiscard]] virtual asio::awaitable<result<http_response>> send(http_request request) = 0;
};

} // namespace penstock::net
