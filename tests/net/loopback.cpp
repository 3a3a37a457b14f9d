#include "tests/net/loopback.hpp"

namespace penstock::net::testing {

using asio::ip::tcp;

namespace {

void limit_waits(tcp::socket& socket) {
  const timeval limit{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

} // namespace

raw_connection::raw_connection(std::uint16_t port) : socket_(context_) {
  socket_.connect({asio::ip::address_v4::loopback(), port});
  limit_waits(socket_);
}

void raw_connection::send(std::string_view bytes) {
  io_error ignored; // a server that refuses may close before it has read everything
  asio::write(socket_, asio::buffer(bytes), ignored);
}

bool raw_connection::receive() {
  char bytes[4096];
  const auto count = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
  if (count <= 0)
    return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string raw_connection::read_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = buffer_.find(end)) == std::string::npos)
    if (!receive())
      return std::exchange(buffer_, {});
  std::string out = buffer_.substr(0, at + end.size());
  buffer_.erase(0, out.size());
  return out;
}

std::string raw_connection::read_all() {
  while (receive()) {}
  return std::exchange(buffer_, {});
}

std::string raw_connection::read_reply() {
  std::string head = read_until("\r\n\r\n");
  const auto at = head.find("Content-Length: ");
  const std::size_t size = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
  while (buffer_.size() < size)
    if (!receive())
      break;
  head += buffer_.substr(0, size);
  buffer_.erase(0, size);
  return head;
}

void raw_connection::close() { socket_.close(); }

raw_server::raw_server(std::vector<script> connections)
    : acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
  thread_ = std::thread([this, scripts = std::move(connections)] {
    for (const auto& act : scripts) {
      tcp::socket socket(context_);
      io_error error;
      acceptor_.accept(socket, error);
      if (error)
        return;
      ++accepted_;
      limit_waits(socket);
      act(socket);
    }
  });
}

raw_server::~raw_server() {
  // Wakes an accept that nobody came for.
  ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
  thread_.join();
}

std::string raw_server::url(std::string path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

std::string raw_server::read_header(tcp::socket& socket) {
  std::string text;
  char byte = 0;
  while (!text.ends_with("\r\n\r\n") && ::recv(socket.native_handle(), &byte, 1, 0) == 1)
    text += byte;
  return text;
}

void raw_server::wait_for_end(tcp::socket& socket) {
  char bytes[4096];
  while (::recv(socket.native_handle(), bytes, sizeof bytes, 0) > 0) {}
}

raw_server::script raw_server::answer(std::string bytes) {
  return [bytes = std::move(bytes)](tcp::socket& socket) {
    read_header(socket);
    io_error ignored; // the client may have had enough
    asio::write(socket, asio::buffer(bytes), ignored);
  };
}

void loopback_test::serve(http_handler handler, http_server_config config) {
  server = std::make_unique<http_server>(runtime.executor(), std::move(config), std::move(handler));
  const auto started = server->start();
  ASSERT_TRUE(started) << started.error().message;
  port = *started;
}

void loopback_test::make_client(http_client_config config) {
  auto made = beast_http_client::make(runtime.executor(), std::move(config));
  ASSERT_TRUE(made) << made.error().message;
  client = std::move(*made);
}

std::string loopback_test::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port) + path;
}

result<http_response> loopback_test::send(http_request request) {
  if (!client)
    make_client();
  return run(runtime, client->send(std::move(request)));
}

result<http_response> loopback_test::get(const std::string& address) {
  http_request request;
  request.url = address;
  return send(std::move(request));
}

http_reply text_reply(std::string body, int status) {
  http_reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "text/plain");
  reply.body = std::move(body);
  return reply;
}

} // namespace penstock::net::testing
