#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "net/asio.hpp"

namespace boost::asio::ssl {
class context;
}

namespace penstock::net {

/// A connected TCP or TLS stream. All calls come from the executor of its socket (a strand).
/// Operations end with operation_aborted when the calling coroutine is cancelled or `cancel` is called.
class byte_stream {
public:
  /// What is sent in one go; unused places are empty.
  using pieces = std::array<asio::const_buffer, 3>;

  /// (A braced list inside a co_await expression is more than g++ 12 can take.)
  [[nodiscard]] static pieces gather(asio::const_buffer a, asio::const_buffer b = {}, asio::const_buffer c = {}) {
    return {a, b, c};
  }

  virtual ~byte_stream() = default;

  /// TLS handshake in the role given at construction; nothing for plain TCP.
  [[nodiscard]] virtual asio::awaitable<std::tuple<io_error>> handshake() = 0;
  [[nodiscard]] virtual asio::awaitable<std::tuple<io_error, std::size_t>> read_some(asio::mutable_buffer into) = 0;
  /// Sends everything or fails.
  [[nodiscard]] virtual asio::awaitable<std::tuple<io_error, std::size_t>> write(pieces bytes) = 0;
  /// Sends what the kernel takes at once, without suspending; may be nothing. Saves a trip through the scheduler.
  [[nodiscard]] virtual std::size_t try_write(const pieces& bytes, io_error& error) = 0;
  /// Says to the peer that nothing more will be sent.
  [[nodiscard]] virtual asio::awaitable<std::tuple<io_error>> end_writing() = 0;

  [[nodiscard]] virtual asio::ip::tcp::socket& socket() noexcept = 0;
  [[nodiscard]] virtual bool is_tls() const noexcept = 0;

  /// Aborts what is under way; the connection stays.
  void cancel() noexcept;
  void close() noexcept;
  /// What the peer did while nobody read.
  enum class peer_state { quiet, sent_data, gone };
  /// Looks without reading or waiting.
  [[nodiscard]] peer_state peek() noexcept;
};

[[nodiscard]] std::unique_ptr<byte_stream> make_plain_stream(asio::ip::tcp::socket socket);
/// Verifies that the peer's certificate is for `host`, a name or an IP address, and sends a name as SNI.
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_client_stream(asio::ip::tcp::socket socket,
                                                                  std::shared_ptr<asio::ssl::context> context,
                                                                  const std::string& host);
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_server_stream(asio::ip::tcp::socket socket,
                                                                  std::shared_ptr<asio::ssl::context> context);

} // namespace penstock::net
