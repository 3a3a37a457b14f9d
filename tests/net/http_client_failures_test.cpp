#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

using asio::ip::tcp;

class http_client_failures : public loopback_test {
protected:
  /// The error of a GET to a server that sends `bytes` and closes.
  error error_for(std::string bytes) {
    raw_server peer({raw_server::answer(std::move(bytes))});
    const auto answer = get(peer.url("/path?token=hunter2"));
    if (answer) {
      ADD_FAILURE() << "got an answer: " << answer->status;
      return {};
    }
    EXPECT_EQ(answer.error().message.find("hunter2"), std::string::npos);
    return answer.error();
  }
};

/// A port on which nobody listens.
std::uint16_t dead_port() {
  asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

TEST_F(http_client_failures, NobodyListens) {
  const auto answer = get("http://127.0.0.1:" + std::to_string(dead_port()) + "/secret-path?token=hunter2");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::network);
  EXPECT_NE(answer.error().message.find("127.0.0.1"), std::string::npos);
  EXPECT_EQ(answer.error().message.find("secret-path"), std::string::npos);
}

TEST_F(http_client_failures, UnknownName) {
  // RFC 6761: this top-level domain never exists.
  EXPECT_EQ(get("http://nobody.invalid/").error().code, error_code::network);
}

TEST_F(http_client_failures, AddressOrHeaderThatCannotBeSent) {
  EXPECT_EQ(get("ftp://x/").error().code, error_code::invalid_argument);
  http_request request;
  request.url = "http://127.0.0.1:1/";
  request.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(send(request).error().code, error_code::invalid_argument);
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_EQ(send(request).error().code, error_code::invalid_argument);
}

TEST_F(http_client_failures, ClosedWithoutAnAnswer) { EXPECT_EQ(error_for("").code, error_code::network); }

TEST_F(http_client_failures, ClosedWithinTheHeader) {
  EXPECT_EQ(error_for("HTTP/1.1 200 OK\r\nContent-Le").code, error_code::network);
}

TEST_F(http_client_failures, ClosedWithinTheBody) {
  EXPECT_EQ(error_for("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf").code, error_code::truncated_body);
  EXPECT_EQ(error_for("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel").code,
            error_code::truncated_body);
}

TEST_F(http_client_failures, ResetWithinTheBody) {
  raw_server peer({[](tcp::socket& socket) {
    raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")(socket);
    socket.set_option(asio::socket_base::linger(true, 0));
  }});
  const auto answer = get(peer.url());
  ASSERT_FALSE(answer);
  // A reset can overtake what was sent before it.
  EXPECT_TRUE(answer.error().code == error_code::truncated_body || answer.error().code == error_code::network);
}

TEST_F(http_client_failures, NotHttp) {
  EXPECT_EQ(error_for("SSH-2.0-OpenSSH_9.2\r\n\r\n").code, error_code::network);
  EXPECT_EQ(error_for("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").code, error_code::truncated_body);
}

TEST_F(http_client_failures, AnswerLongerThanAllowed) {
  raw_server peer({raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901"),
                   raw_server::answer("HTTP/1.1 200 OK\r\n\r\n12345678901"),
                   raw_server::answer("HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'h') + "\r\n\r\n")});
  http_request request;
  request.url = peer.url();
  request.max_body = 10;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(send(request).error().code, error_code::unexpected_shape) << i;
}

TEST_F(http_client_failures, SilentServerTimesOutAndIsLeft) {
  std::promise<void> left;
  raw_server peer({[&](tcp::socket& socket) {
    raw_server::wait_for_end(socket);
    left.set_value();
  }});
  http_request request;
  request.url = peer.url();
  request.timeout = 40ms;
  const auto answer = send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::timed_out);
  EXPECT_EQ(left.get_future().wait_for(patience), std::future_status::ready);
}

TEST_F(http_client_failures, TricklingServerTimesOutInTotal) {
  raw_server peer({[](tcp::socket& socket) {
    raw_server::read_header(socket);
    io_error error;
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")), error);
    // Sends whenever the client has taken the last byte, so every single wait is short.
    while (!error)
      asio::write(socket, asio::buffer(std::string_view("x")), error);
  }});
  http_request request;
  request.url = peer.url();
  request.timeout = 40ms;
  request.max_body = 2'000'000;
  const auto answer = send(request);
  // A fast machine may get it all: then it was in time.
  EXPECT_TRUE(answer ? answer->body.size() == 1'000'000 : answer.error().code == error_code::timed_out);
}

TEST_F(http_client_failures, CancelledCoroutineClosesTheConnection) {
  std::promise<void> asked;
  std::promise<void> left;
  raw_server peer({[&](tcp::socket& socket) {
    raw_server::read_header(socket);
    asked.set_value();
    raw_server::wait_for_end(socket);
    left.set_value();
  }});
  make_client();
  http_request request;
  request.url = peer.url();
  asio::cancellation_signal cancel;
  std::promise<result<http_response>> ended;
  auto strand = asio::make_strand(runtime.executor());
  asio::co_spawn(strand, client->send(request),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, result<http_response> answer) {
                   ended.set_value(std::move(answer));
                 }));
  asked.get_future().wait();
  asio::post(strand, [&] { cancel.emit(asio::cancellation_type::terminal); });
  const auto answer = ended.get_future().get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::cancelled);
  EXPECT_EQ(left.get_future().wait_for(patience), std::future_status::ready);
}

TEST_F(http_client_failures, ClientMayBeDestroyedWhileARequestRuns) {
  std::promise<void> asked;
  std::promise<void> go_on;
  raw_server peer({[&](tcp::socket& socket) {
    raw_server::read_header(socket);
    asked.set_value();
    go_on.get_future().wait();
    asio::write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
  }});
  make_client();
  http_request request;
  request.url = peer.url();
  auto answer = asio::co_spawn(runtime.executor(), client->send(request), asio::use_future);
  asked.get_future().wait();
  client.reset();
  go_on.set_value();
  EXPECT_EQ(answer.get()->body, "ok");
}

} // namespace
} // namespace penstock::net::testing
