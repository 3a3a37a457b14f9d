#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

http_handler hello() {
  return [](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply("hello");
    co_return reply;
  };
}

/// What a client gets for `bytes` before the connection is closed.
std::string answer_to(std::uint16_t port, std::string_view bytes) {
  raw_connection peer(port);
  peer.send(bytes);
  return peer.read_all();
}

class http_server_limits : public loopback_test {};

TEST_F(http_server_limits, MalformedRequestIsAProblem) {
  serve(hello());
  const auto reply = answer_to(port, "NONSENSE\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 Bad Request\r\n")) << reply;
  EXPECT_NE(reply.find("application/problem+json"), std::string::npos);
  EXPECT_NE(reply.find(R"("code":"malformed_request")"), std::string::npos);
  EXPECT_NE(reply.find("Connection: close"), std::string::npos);
}

TEST_F(http_server_limits, LongHeaderIs431) {
  serve(hello());
  const auto reply = answer_to(port, "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'y') + "\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 431 ")) << reply;
}

TEST_F(http_server_limits, AnnouncedBodyThatIsTooLongIs413BeforeItIsSent) {
  serve(hello(), {.max_body = 1000});
  const auto reply =
    answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 ")) << reply;
  EXPECT_NE(reply.find("1000 bytes"), std::string::npos);
}

/// Refuses bodies of who does not say please.
http_server_config polite_only() {
  http_server_config config{.max_body = 64 * 1024 * 1024};
  config.refuse_early = [](const http_server_request& head) -> std::optional<http_reply> {
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.remote_address, "127.0.0.1");
    if (head.headers.value_or("X-Word", "") == "please")
      return std::nullopt;
    return text_reply("no", 401);
  };
  return config;
}

TEST_F(http_server_limits, RefusedRequestIsAnsweredWithoutItsBody) {
  std::atomic<int> handled = 0;
  serve(
    [&](http_server_request) -> asio::awaitable<http_reply> {
      ++handled;
      http_reply reply = text_reply("yes");
      co_return reply;
    },
    polite_only());
  const std::string begin = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n";
  // The answer comes although not one byte of the body was sent.
  raw_connection silent(port);
  silent.send(begin + "\r\n");
  EXPECT_TRUE(silent.read_all().starts_with("HTTP/1.1 401 ")); // and the connection is closed
  // Nor is whoever waits for a word asked to send it.
  raw_connection waiting(port);
  waiting.send(begin + "Expect: 100-continue\r\n\r\n");
  EXPECT_TRUE(waiting.read_all().starts_with("HTTP/1.1 401 "));
  raw_connection chunked(port);
  chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  EXPECT_TRUE(chunked.read_all().starts_with("HTTP/1.1 401 "));
  EXPECT_EQ(handled, 0);
  raw_connection polite(port);
  polite.send("POST / HTTP/1.1\r\nHost: x\r\nX-Word: please\r\nContent-Length: 5\r\n\r\nhel");
  polite.send("lo");
  EXPECT_TRUE(polite.read_reply().starts_with("HTTP/1.1 200 "));
}

TEST_F(http_server_limits, RefusalOfAHeadHasNoBody) {
  serve(hello(), polite_only());
  const auto reply = answer_to(port, "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 401 ")) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\n")) << reply;
}

TEST_F(http_server_limits, OwnRepliesAreCompletedByTheOwner) {
  http_server_config config{.max_body = 10};
  config.complete_own = [](const http_headers& of_request, http_reply& reply) {
    reply.headers.add("X-Seen", std::string(of_request.value_or("X-Mine", "nothing")));
  };
  serve([](http_server_request) -> asio::awaitable<http_reply> { throw std::runtime_error("broken"); }, config);
  EXPECT_NE(answer_to(port, "NONSENSE\r\n\r\n").find("X-Seen: nothing\r\n"), std::string::npos);
  EXPECT_NE(
    answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nX-Mine: a\r\nContent-Length: 11\r\n\r\n").find("X-Seen: a\r\n"),
    std::string::npos);
  raw_connection peer(port);
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(peer.read_reply().find("X-Seen: "), std::string::npos);
}

TEST_F(http_server_limits, LongBodyIs413EvenWhileTheClientStillSends) {
  serve(hello(), {.max_body = 1000});
  const auto reply =
    answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'z'));
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 ")) << reply;
}

TEST_F(http_server_limits, LongChunkedBodyIs413) {
  serve(hello(), {.max_body = 1000});
  std::string body;
  for (int i = 0; i < 20; ++i)
    body += "64\r\n" + std::string(100, 'c') + "\r\n";
  const auto reply = answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 413 ")) << reply;
}

TEST_F(http_server_limits, ChunkHeaderWithoutEndIsRefused) {
  serve(hello());
  const auto reply =
    answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(200'000, 'e'));
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << reply;
}

TEST_F(http_server_limits, SlowHeaderIs408) {
  serve(hello(), {.header_timeout = 30ms});
  const auto reply = answer_to(port, "GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 408 ")) << reply;
}

TEST_F(http_server_limits, SlowBodyIs408) {
  serve(hello(), {.body_timeout = 30ms});
  const auto reply = answer_to(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 408 ")) << reply;
}

TEST_F(http_server_limits, IdleConnectionIsClosedWithoutAWord) {
  serve(hello(), {.idle_timeout = 30ms});
  EXPECT_EQ(answer_to(port, ""), "");
  raw_connection peer(port);
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(peer.read_all().ends_with("hello"));
}

TEST_F(http_server_limits, ClientThatTakesNothingIsCutOff) {
  serve(
    [](http_server_request) -> asio::awaitable<http_reply> {
      http_reply reply = text_reply(std::string(64 * 1024 * 1024, 'x'));
      co_return reply;
    },
    {.write_timeout = 30ms});
  raw_connection peer(port);
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  // Gone from the server although the client never closed: the reply does not fit into the sockets' buffers.
  EXPECT_NE(peer.read_until("\r\n\r\n"), "");
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (server->connections() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_EQ(server->connections(), 0u);
}

/// Answers, and keeps the connection at work until it is cancelled.
http_handler endless() {
  return [](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply;
    reply.stream = [](reply_stream& out) -> asio::awaitable<void> {
      static_cast<void>(co_await out.write("begun"));
      asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
      co_await never.async_wait(asio::use_awaitable);
    };
    co_return reply;
  };
}

TEST_F(http_server_limits, OneConnectionTooManyIs503WhereAllAreAtWork) {
  serve(endless(), {.max_connections = 1});
  raw_connection first(port);
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(first.read_until("begun"), "");
  const auto reply = answer_to(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 503 ")) << reply;
  EXPECT_NE(reply.find("too_many_connections"), std::string::npos);
  EXPECT_NE(reply.find("Retry-After: "), std::string::npos);
}

/// On one thread: whose reply was read is known to wait, before the next connection is taken.
class http_server_turns : public loopback_test {
protected:
  http_server_turns() : loopback_test(1) {}
};

TEST_F(http_server_turns, WhoHasWaitedLongestForARequestGivesWay) {
  serve(hello(), {.max_connections = 3});
  raw_connection idle(port), slow(port), later(port);
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(idle.read_reply().ends_with("hello"));
  slow.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(slow.read_reply().ends_with("hello"));
  slow.send("GET / HTTP/1.1\r\nHo");
  later.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(later.read_reply().ends_with("hello"));
  raw_connection fourth(port);
  fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(fourth.read_reply().ends_with("hello"));
  EXPECT_EQ(idle.read_all(), "") << "closed";
  later.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(later.read_reply().ends_with("hello")) << "kept";
  raw_connection fifth(port);
  fifth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(fifth.read_reply().ends_with("hello"));
  EXPECT_EQ(slow.read_all(), "") << "half a request keeps no place either";
}

} // namespace
} // namespace penstock::net::testing
