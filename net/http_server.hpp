#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "net/asio.hpp"
#include "net/body_spool.hpp"
#include "net/http_handler.hpp"

namespace penstock::net {

struct http_server_config {
  std::string address = "127.0.0.1"; ///< an IP address; "::" listens on IPv4 too
  std::uint16_t port = 0;            ///< 0: any free one
  std::string tls_certificate{};     ///< PEM files: chain and key; both empty for plain HTTP
  std::string tls_key{};
  std::size_t max_body = 1024 * 1024;   ///< bytes; more is answered 413
  std::size_t header_limit = 16 * 1024; ///< bytes; more is answered 431
  /// For more, those give way that have waited longest for bytes of a request; where all are at work, more are answered 503.
  std::size_t max_connections = 1024;
  duration header_timeout = std::chrono::seconds(10); ///< from a request's first byte to the end of its header
  duration body_timeout = std::chrono::seconds(30);   ///< for its body
  duration idle_timeout = std::chrono::seconds(60);   ///< between requests
  duration write_timeout = std::chrono::seconds(30);  ///< for each piece that the client must take
  /// Asked when the header of a request has come and its body has not: a reply refuses it. The body is then not read,
  /// and the connection is closed behind the reply, which has no stream. Null: every body is read. Like the handler, it
  /// runs on the connection's strand.
  std::function<std::optional<http_reply>(const http_server_request& head)> refuse_early{};
  /// The limit in bytes of the body of a request for that target, in place of `max_body`. Null: that holds for all.
  std::function<std::size_t(std::string_view method, std::string_view target)> body_limit{};
  /// Asked once about a request of whose body more than `spool_over` bytes have come: its body may go on to whoever takes it
  /// piece by piece. Not asked about one that has come whole by then. Null: bodies are kept in memory.
  std::function<asio::awaitable<spool_decision>(http_server_request head)> spool{};
  std::size_t spool_over = 256 * 1024;               ///< bytes, of each piece too
  duration spool_timeout = std::chrono::minutes(10); ///< for such a body; each piece has `body_timeout`
  /// Whether a request may be worked on before the answer to the one ahead of it on the same connection, if that one
  /// overlaps too: their handlers begin in the order of the requests, and the replies go in that order. For requests whose
  /// effects come in the order in which they begin, and whose replies are neither streams nor cut. Null: none overlaps.
  std::function<bool(const http_server_request& request)> overlaps{};
  /// Completes replies that the server makes by itself (to malformed requests and the like) with the owner's header
  /// fields. Gets the request's fields as far as they came. Null: they go as they are.
  std::function<void(const http_headers& of_request, http_reply& reply)> complete_own{};
  /// Header fields of every reply, as they are sent: "Name: value\r\n" each.
  std::string always{};
  /// Source of the Date header; null for none.
  const wall_clock* clock = nullptr;
  /// Told of an exception that a handler let out (the client got a 500). Runs on the connection's thread.
  std::function<void(std::string_view what)> on_exception{};
};

/// An HTTP/1.1 server. Each connection is one coroutine on a strand of its own; requests of a connection are answered
/// one after the other, and worked on so, but for those that `overlaps` names. Malformed, oversized and slow requests are
/// answered with problem documents (400, 408, 413, 431, 503) before the connection is closed.
class http_server {
public:
  /// `executor` of an io_context that runs on any number of threads.
  http_server(asio::any_io_executor executor, http_server_config config, http_handler handler);
  /// Closes everything at once, without waiting.
  ~http_server();

  /// Takes the port, and gives it, without listening: whoever connects is refused until a server starts there, this one or
  /// another of this user. Errors as of `start`.
  [[nodiscard]] result<std::uint16_t> reserve();

  /// Listens, and gives the port. `unavailable` when the address is taken or not ours, `bad_configuration` when the
  /// address or the TLS files cannot be read; the message says what to change.
  [[nodiscard]] result<std::uint16_t> start();

  /// Reads the TLS files again, for connections to come. `bad_configuration` when they cannot be used: those in use stay.
  /// Any thread. Nothing for a server without TLS.
  [[nodiscard]] result<void> reload_tls();

  /// Closes the listening socket and idle connections, cancels streaming replies, lets the other running answers end
  /// within `grace` and closes the rest. Blocks: never call it from a thread of the io_context. False: some had to be
  /// cut off. A second call does nothing.
  bool stop(duration grace);

  [[nodiscard]] std::size_t connections() const;

private:
  class listener;
  std::shared_ptr<listener> listener_;
};

} // namespace penstock::net
