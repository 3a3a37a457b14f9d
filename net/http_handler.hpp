#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/asio.hpp"
#include "net/http_headers.hpp"
#include "net/query.hpp"

namespace penstock::net {

class body_spool;
class byte_stream;

/// A request that we were sent.
struct http_server_request {
  std::string method; ///< as sent: "GET", "HEAD", …
  std::string target; ///< as sent, percent-encoded: "/a%20b?c=d"
  http_headers headers{};
  std::string body{};
  std::string remote_address{};        ///< IP address of the peer (a proxy's, if there is one)
  bool is_loopback = false;            ///< the peer is this machine
  std::shared_ptr<body_spool> spool{}; ///< of a large body: has taken its beginning; `body` is the rest

  /// The target up to '?', still percent-encoded.
  [[nodiscard]] std::string_view path() const noexcept;
  /// The target after '?', still percent-encoded.
  [[nodiscard]] std::string_view query() const noexcept;
  [[nodiscard]] query_parameters query_values() const { return parse_query(query()); }
};

/// Where a streaming reply writes.
class reply_stream {
public:
  virtual ~reply_stream() = default;
  /// Sends one piece now. False: the client has gone or takes nothing; end the stream.
  /// The bytes must stay valid until it returns.
  [[nodiscard]] virtual asio::awaitable<bool> write(std::string_view bytes) = 0;
};

/// How a reply breaks off, for servers that play a failing provider.
struct reply_cut {
  bool before_head = false;   ///< nothing is sent at all
  std::size_t body_bytes = 0; ///< else the head, which promises the whole body, and so many bytes of it
};

/// A reply. The server adds Content-Length or Transfer-Encoding, Connection and Date. For HEAD the body is counted
/// but not sent, and a stream is not started.
struct http_reply {
  int status = 200;
  http_headers headers{};
  std::string body{};
  /// If set, sent instead of `body`, in chunks. The coroutine is *cancelled* when the client goes or the server stops:
  /// what it waits for ends with operation_aborted. Made for server-sent events.
  std::function<asio::awaitable<void>(reply_stream&)> stream{};
  /// If set, called after the header was sent (status 101): the connection is the callee's until its coroutine ends.
  /// `early` is what the client sent ahead. Cancelled when the server stops. For WebSocket.
  std::function<asio::awaitable<void>(byte_stream&, std::string early)> take_over{};
  /// If set, the connection is closed in the middle of the reply. Not for streams.
  std::optional<reply_cut> cut{};
};

/// Answers one request. Runs on the connection's strand and must not block. Exceptions become 500 problems.
using http_handler = std::function<asio::awaitable<http_reply>(http_server_request)>;

} // namespace penstock::net
