#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio.hpp>
#include <gtest/gtest.h>

#include "net/beast_http_client.hpp"
#include "net/http_server.hpp"
#include "net/io_runtime.hpp"

namespace penstock::net::testing {

using namespace std::chrono_literals;

/// Longer than anything in these tests takes: a test that waits this long has failed.
inline constexpr auto patience = 20s;

/// Runs a coroutine to its end and gives its result.
template <class T>
T run(io_runtime& runtime, asio::awaitable<T> work) {
  auto done = asio::co_spawn(runtime.executor(), std::move(work), asio::use_future);
  if (done.wait_for(patience) != std::future_status::ready)
    throw std::runtime_error("the coroutine did not end");
  return done.get();
}

/// A client that sends any bytes.
class raw_connection {
public:
  explicit raw_connection(std::uint16_t port);
  void send(std::string_view bytes);
  /// Reads until `end` was seen (returned too) or the peer closes.
  std::string read_until(std::string_view end);
  /// Reads until the peer closes.
  std::string read_all();
  /// Reads one reply with Content-Length.
  std::string read_reply();
  void close();

private:
  bool receive();

  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  std::string buffer_;
};

/// A server that does to each connection, in turn, what the test says; on a thread of its own.
class raw_server {
public:
  using script = std::function<void(asio::ip::tcp::socket&)>;
  explicit raw_server(std::vector<script> connections);
  ~raw_server();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(std::string path = "/") const;
  [[nodiscard]] int accepted() const { return accepted_; }

  /// Reads one request's header and returns it.
  static std::string read_header(asio::ip::tcp::socket& socket);
  /// Reads until the client closes.
  static void wait_for_end(asio::ip::tcp::socket& socket);
  /// A script: read one header, send `bytes`, close.
  static script answer(std::string bytes);

private:
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

/// A runtime, a client and, after `serve`, a server.
class loopback_test : public ::testing::Test {
protected:
  /// With one thread, what a client has read of a reply is behind the server: it waits for the next request.
  explicit loopback_test(std::size_t io_threads = 2) : runtime(io_threads) { runtime.start(); }

  void serve(http_handler handler, http_server_config config = {});
  void make_client(http_client_config config = {});
  [[nodiscard]] std::string url(const std::string& path) const;
  result<http_response> send(http_request request);
  result<http_response> get(const std::string& address);

  io_runtime runtime;
  std::unique_ptr<http_server> server;
  std::unique_ptr<beast_http_client> client;
  std::uint16_t port = 0;
};

http_reply text_reply(std::string body, int status = 200);

} // namespace penstock::net::testing
