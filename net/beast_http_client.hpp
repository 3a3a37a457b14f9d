#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/host_resolver.hpp"
#include "net/http_client.hpp"
#include "net/outgoing_proxy.hpp"
#include "net/url_guard.hpp"

namespace penstock::net {

struct http_client_config {
  /// PEM file with authorities to trust beside the system's; empty for none.
  std::string ca_file{};
  /// PEM file of a certificate; whoever shows it is trusted, whatever its names and its authority are. For a program that
  /// finds its server's certificate on its own disk. Empty for none.
  std::string known_certificate{};
  std::string user_agent = "penstock";
  duration connect_timeout = std::chrono::seconds(10); ///< for each address of a host; then again for TLS
  duration idle_expiry = std::chrono::seconds(30);     ///< a pooled connection unused for longer is closed
  std::size_t max_idle_per_origin = 8;
  std::size_t max_idle = 64;
  /// Connections to one origin at a time, used and idle; more requests fail with `unavailable`.
  std::size_t max_open_per_origin = 128;
  std::size_t max_header = 64 * 1024; ///< bytes of an answer's header
  /// Asked about every URL, and about every address just before it is connected to. Null: everybody may be reached.
  std::shared_ptr<const url_guard> guard{};
  std::shared_ptr<const outgoing_proxy> proxy{}; ///< null: none
  host_resolver resolve = resolve_host;          ///< may be called from several threads
};

/// HTTP/1.1 over TCP and TLS (OpenSSL, certificate and host name verified, TLS 1.2 or newer).
/// Keeps connections for reuse. If a *reused* connection turns out to be closed before any byte of the answer came,
/// an idempotent request is sent once more on a fresh one. Cancelling the calling coroutine closes the connection.
/// Thread-safe. Coroutines in flight keep what they need, so the client may be destroyed before they end.
class beast_http_client : public http_client {
public:
  /// `executor`: where connections live. Fails with bad_configuration when `ca_file` cannot be read.
  [[nodiscard]] static result<std::unique_ptr<beast_http_client>> make(asio::any_io_executor executor,
                                                                       http_client_config config = {});
  ~beast_http_client() override;

  [[nodiscard]] asio::awaitable<result<http_response>> send(http_request request) override;

  /// For answers without end (server-sent events): gives the body of a 2xx answer to `on_chunk` piece by piece as it
  /// comes, on the client's executor. `on_chunk` returns false to stop: the connection is closed and the answer
  /// returned. `request.timeout` limits each wait for bytes, not the whole; `max_body` limits only other answers'
  /// bodies, which are returned in the response as from `send`.
  [[nodiscard]] asio::awaitable<result<http_response>> send_streaming(http_request request,
                                                                      std::function<bool(std::string_view)> on_chunk);

  /// Idle connections kept now.
  [[nodiscard]] std::size_t idle_connections() const;

private:
  struct shared;
  explicit beast_http_client(std::shared_ptr<shared> state);

  std::shared_ptr<shared> shared_;
};

} // namespace penstock::net
