#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

using asio::ip::tcp;

class http_client_test : public loopback_test {
protected:
  /// Answers with what was received.
  void serve_echo() {
    serve([this](http_server_request request) -> asio::awaitable<http_reply> {
      ++requests;
      std::string text = request.method + ' ' + request.target + '\n';
      for (const auto field : request.headers)
        text += std::string(field.name) + ": " + std::string(field.value) + '\n';
      http_reply reply = text_reply(text + '\n' + request.body);
      co_return reply;
    });
  }

  std::atomic<int> requests = 0;
};

TEST_F(http_client_test, SendsWhatWasAskedFor) {
  serve_echo();
  http_request request;
  request.method = "POST";
  request.url = "http://me:secret@127.0.0.1:" + std::to_string(port) + "/a?b=c#d";
  request.headers = {{"X-One", "1"}, {"Content-Length", "999"}, {"Host", "elsewhere"}};
  request.body = "payload";
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.find("content-type"), "text/plain");
  EXPECT_EQ(answer->body, "POST /a?b=c\nHost: 127.0.0.1:" + std::to_string(port) +
                            "\nX-One: 1\nUser-Agent: penstock\nAccept: */*\nContent-Length: 7\n\npayload");
}

TEST_F(http_client_test, ConnectionIsUsedAgain) {
  serve_echo();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(get(url("/")));
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(client->idle_connections(), 1u);
}

TEST_F(http_client_test, FreshConnectionIsNeverAPooledOne) {
  raw_server two({raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"),
                  raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")});
  http_request request;
  request.url = two.url();
  request.fresh_connection = true;
  EXPECT_EQ(send(request)->body, "1");
  EXPECT_EQ(send(request)->body, "2");
  EXPECT_EQ(two.accepted(), 2);
}

TEST_F(http_client_test, IdleConnectionsExpireAndAreBounded) {
  serve_echo();
  make_client({.idle_expiry = 0s});
  ASSERT_TRUE(get(url("/")));
  ASSERT_TRUE(get(url("/")));
  EXPECT_EQ(client->idle_connections(), 1u) << "the first was closed when the second request looked";
  make_client({.max_idle_per_origin = 0});
  ASSERT_TRUE(get(url("/")));
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(http_client_test, TooManyConnectionsToOneOriginAreRefused) {
  serve_echo();
  make_client({.max_open_per_origin = 0});
  EXPECT_EQ(get(url("/")).error().code, error_code::unavailable);
}

TEST_F(http_client_test, ManyAtOnceShareTheClient) {
  serve_echo();
  make_client();
  std::vector<std::future<result<http_response>>> all;
  for (int i = 0; i < 60; ++i) {
    http_request request;
    request.url = url("/" + std::to_string(i));
    all.push_back(asio::co_spawn(runtime.executor(), client->send(request), asio::use_future));
  }
  for (int i = 0; i < 60; ++i) {
    const auto answer = all[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer->body.starts_with("GET /" + std::to_string(i) + "\n"));
  }
  EXPECT_LE(client->idle_connections(), 8u);
}

/// Answers one request and keeps the connection, then closes it when the next has come.
raw_server::script answer_once_then_drop() {
  return [](tcp::socket& socket) {
    raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")(socket);
    raw_server::read_header(socket);
  };
}

TEST_F(http_client_test, StaleConnectionIsReplacedForAnIdempotentRequest) {
  raw_server peer({answer_once_then_drop(), raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")});
  EXPECT_EQ(get(peer.url())->body, "first");
  EXPECT_EQ(get(peer.url())->body, "second");
  EXPECT_EQ(peer.accepted(), 2);
}

TEST_F(http_client_test, StaleConnectionIsNotReplacedForAPost) {
  raw_server peer({answer_once_then_drop()});
  EXPECT_EQ(get(peer.url())->body, "first");
  http_request request;
  request.method = "POST";
  request.url = peer.url();
  const auto answer = send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::network);
  EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(http_client_test, ConnectionThatClosedWhileIdleIsNotUsed) {
  std::promise<void> closed;
  raw_server peer({[&](tcp::socket& socket) {
                     raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")(socket);
                     socket.close();
                     closed.set_value();
                   },
                   raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")});
  EXPECT_EQ(get(peer.url())->body, "first");
  closed.get_future().wait();
  http_request request;
  request.method = "POST";
  request.url = peer.url();
  EXPECT_EQ(send(request)->body, "second");
}

TEST_F(http_client_test, AnswerWithoutLengthEndsWithTheConnection) {
  raw_server peer({raw_server::answer("HTTP/1.0 200 OK\r\n\r\nall of it")});
  EXPECT_EQ(get(peer.url())->body, "all of it");
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(http_client_test, BytesBehindTheAnswerSpoilTheConnection) {
  raw_server peer({raw_server::answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 injected")});
  EXPECT_EQ(get(peer.url())->body, "ok");
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(http_client_test, RedirectIsAnAnswer) {
  raw_server peer(
    {raw_server::answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")});
  const auto answer = get(peer.url());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
}

TEST_F(http_client_test, EarlyRefusalIsReadWhileTheBodyIsStillBeingSent) {
  serve_echo();
  http_request request;
  request.method = "POST";
  request.url = url("/");
  request.body.assign(1024 * 1024 + 1, 'x');
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(requests, 0);
}

TEST_F(http_client_test, LocalhostIsThisMachineWithoutTheNameService) {
  serve_echo();
  for (const auto* host : {"localhost", "LocalHost.", "some.name.localhost"})
    EXPECT_TRUE(get("http://" + std::string(host) + ":" + std::to_string(port) + "/")) << host;
}

} // namespace
} // namespace penstock::net::testing
