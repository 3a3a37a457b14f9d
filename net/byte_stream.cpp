#include "net/byte_stream.hpp"

#include <sys/socket.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace penstock::net {

namespace {

constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

class plain_stream : public byte_stream {
public:
  explicit plain_stream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    io_error ignored; // a socket that died already fails at its first use
    socket_.non_blocking(true, ignored);
  }

  asio::awaitable<std::tuple<io_error>> handshake() override { co_return std::tuple<io_error>{}; }

  asio::awaitable<std::tuple<io_error, std::size_t>> read_some(asio::mutable_buffer into) override {
    return socket_.async_read_some(into, as_values);
  }

  asio::awaitable<std::tuple<io_error, std::size_t>> write(pieces bytes) override {
    return asio::async_write(socket_, bytes, as_values);
  }

  std::size_t try_write(const pieces& bytes, io_error& error) override {
    const std::size_t sent = socket_.write_some(bytes, error);
    if (error == asio::error::would_block || error == asio::error::try_again)
      error = {};
    return sent;
  }

  asio::awaitable<std::tuple<io_error>> end_writing() override {
    io_error error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    co_return std::tuple<io_error>{error};
  }

  asio::ip::tcp::socket& socket() noexcept override { return socket_; }
  bool is_tls() const noexcept override { return false; }

private:
  asio::ip::tcp::socket socket_;
};

} // namespace

void byte_stream::cancel() noexcept {
  io_error ignored; // fails only on a closed socket
  socket().cancel(ignored);
}

void byte_stream::close() noexcept {
  io_error ignored; // nothing can be done about a close that fails
  socket().close(ignored);
}

byte_stream::peer_state byte_stream::peek() noexcept {
  if (!socket().is_open())
    return peer_state::gone;
  char byte = 0;
  const ssize_t seen = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (seen > 0)
    return peer_state::sent_data;
  return seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ? peer_state::quiet : peer_state::gone;
}

std::unique_ptr<byte_stream> make_plain_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<plain_stream>(std::move(socket));
}

} // namespace penstock::net
