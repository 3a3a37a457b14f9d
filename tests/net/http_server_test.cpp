#include "net/http_server.hpp"

#include "core/manual_clock.hpp"
#include "net/byte_stream.hpp"
#include "tests/net/loopback.hpp"

namespace penstock::net::testing {
namespace {

http_handler echo() {
  return [](http_server_request request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply(request.method + ' ' + request.target + ' ' + request.body);
    co_return reply;
  };
}

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view get_b = "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";

class http_server_test : public loopback_test {};

TEST_F(http_server_test, AnswersAndKeepsTheConnection) {
  serve(echo());
  raw_connection peer(port);
  peer.send(get_a);
  const auto first = peer.read_reply();
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_TRUE(first.ends_with("\r\n\r\nGET /a ")) << first;
  peer.send(get_b);
  EXPECT_TRUE(peer.read_reply().ends_with("GET /b "));
  EXPECT_EQ(server->connections(), 1u);
}

TEST_F(http_server_test, PipelinedRequestsAreAnsweredInOrder) {
  serve(echo());
  raw_connection peer(port);
  std::string many;
  for (int i = 0; i < 50; ++i)
    many += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  peer.send(many);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(peer.read_reply().ends_with("POST /" + std::to_string(i) + " hi"));
}

/// Requests for /together wait until `wanted` of them have begun; what began is noted.
struct meeting {
  int wanted = 0, begun = 0;
  std::string order{};

  http_handler handler() {
    return [this](http_server_request request) -> asio::awaitable<http_reply> {
      order += request.body + ' ';
      if (request.target == "/together") {
        ++begun;
        asio::steady_timer pause(co_await asio::this_coro::executor);
        for (int tries = 0; begun < wanted && tries < 500; ++tries) {
          pause.expires_after(std::chrono::milliseconds(2));
          co_await pause.async_wait(asio::use_awaitable);
        }
      }
      http_reply reply = text_reply(request.target + ' ' + request.body + (begun >= wanted ? " met" : " alone"));
      co_return reply;
    };
  }
  static http_server_config config() {
    http_server_config config;
    config.overlaps = [](const http_server_request& request) { return request.target == "/together"; };
    return config;
  }
  static std::string post(std::string_view target, std::string_view body) {
    return "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }
};

TEST_F(http_server_test, RequestsThatOverlapAreWorkedOnTogetherAndAnsweredInOrder) {
  meeting meeting{.wanted = 20};
  serve(meeting.handler(), meeting::config());
  raw_connection peer(port);
  std::string many, order;
  for (int i = 0; i < 20; ++i) {
    many += meeting::post("/together", std::to_string(i));
    order += std::to_string(i) + ' ';
  }
  peer.send(many);
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(peer.read_reply().ends_with("/together " + std::to_string(i) + " met")) << i;
  EXPECT_EQ(meeting.order, order) << "they began in their order";
  peer.send(meeting::post("/alone", "after"));
  EXPECT_TRUE(peer.read_reply().ends_with("/alone after met"));
}

TEST_F(http_server_test, OneThatDoesNotOverlapWaitsForThoseAhead) {
  meeting meeting{.wanted = 2};
  serve(meeting.handler(), meeting::config());
  raw_connection peer(port);
  peer.send(meeting::post("/together", "1") + meeting::post("/together", "2") + meeting::post("/alone", "3") +
            meeting::post("/together", "4") + "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  for (const auto* wanted : {"/together 1 met", "/together 2 met", "/alone 3 met", "/together 4 met", "/last  met"})
    EXPECT_TRUE(peer.read_reply().ends_with(wanted)) << wanted;
  EXPECT_EQ(meeting.order, "1 2 3 4  ");
  EXPECT_EQ(peer.read_all(), "") << "closed, as the last one asked";
}

TEST_F(http_server_test, AHalfReadRequestBehindThoseThatOverlapIsReadOn) {
  meeting meeting{.wanted = 2};
  serve(meeting.handler(), meeting::config());
  raw_connection peer(port);
  const auto third = meeting::post("/together", "third");
  peer.send(meeting::post("/together", "1") + meeting::post("/together", "2") + third.substr(0, third.size() - 3));
  EXPECT_TRUE(peer.read_reply().ends_with(" 1 met"));
  EXPECT_TRUE(peer.read_reply().ends_with(" 2 met"));
  peer.send(third.substr(third.size() - 3));
  EXPECT_TRUE(peer.read_reply().ends_with(" third met"));
}

TEST_F(http_server_test, AMalformedRequestBehindThoseThatOverlapIsRefusedAfterTheirAnswers) {
  meeting meeting{.wanted = 2};
  serve(meeting.handler(), meeting::config());
  raw_connection peer(port);
  peer.send(meeting::post("/together", "1") + meeting::post("/together", "2") + "NONSENSE\r\n\r\n");
  EXPECT_TRUE(peer.read_reply().ends_with(" 1 met"));
  EXPECT_TRUE(peer.read_reply().ends_with(" 2 met"));
  EXPECT_TRUE(peer.read_reply().starts_with("HTTP/1.1 400 "));
}

TEST_F(http_server_test, ChunkedRequestBodyIsJoined) {
  serve(echo());
  raw_connection peer(port);
  peer.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  peer.send("1\r\n!\r\n0\r\n\r\n");
  EXPECT_TRUE(peer.read_reply().ends_with("POST /c hello!"));
}

TEST_F(http_server_test, HandlerSeesWhoAsks) {
  serve([](http_server_request request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply(std::string(request.path()) + '|' + std::string(request.query()) + '|' +
                                  request.remote_address + (request.is_loopback ? "|loopback" : "|far"));
    co_return reply;
  });
  EXPECT_EQ(get(url("/p%20q?a=b"))->body, "/p%20q|a=b|127.0.0.1|loopback");
}

TEST_F(http_server_test, HeadGetsTheHeaderOfTheBody) {
  serve(echo());
  raw_connection peer(port);
  peer.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(peer.read_until("\r\n\r\n").find("Content-Length: 8\r\n"), std::string::npos);
  peer.send(get_b);
  EXPECT_TRUE(peer.read_reply().starts_with("HTTP/1.1 200")) << "a body followed the HEAD";
}

TEST_F(http_server_test, ContinueIsSentBeforeTheBodyIsAwaited) {
  serve(echo());
  raw_connection peer(port);
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("ok");
  EXPECT_TRUE(peer.read_reply().ends_with("POST / ok"));
}

TEST_F(http_server_test, OldAndClosingClientsAreLetGo) {
  serve(echo());
  raw_connection old(port);
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_NE(old.read_all().find("Connection: close\r\n"), std::string::npos);
  raw_connection closing(port);
  closing.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(closing.read_all().ends_with("GET /a "));
  raw_connection staying(port);
  staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(staying.read_reply().find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST_F(http_server_test, NoContentHasNoLength) {
  serve([](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply;
    reply.status = 204;
    co_return reply;
  });
  raw_connection peer(port);
  peer.send(get_a);
  EXPECT_EQ(peer.read_until("\r\n\r\n"), "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_F(http_server_test, DateComesFromTheClock) {
  manual_clock clock{timestamp{std::chrono::sys_days{std::chrono::year(2026) / 3 / 29}}};
  serve(echo(), {.clock = &clock});
  EXPECT_EQ(get(url("/"))->headers.find("Date"), "Sun, 29 Mar 2026 00:00:00 GMT");
  clock.advance(61s);
  EXPECT_EQ(get(url("/"))->headers.find("Date"), "Sun, 29 Mar 2026 00:01:01 GMT");
}

TEST_F(http_server_test, ExceptionOfAHandlerIsAProblemAndIsReported) {
  std::promise<std::string> reported;
  http_server_config config;
  config.on_exception = [&](std::string_view what) { reported.set_value(std::string(what)); };
  serve(
    [](http_server_request request) -> asio::awaitable<http_reply> {
      if (request.target == "/a")
        throw std::runtime_error("inner workings");
      co_return text_reply("fine");
    },
    std::move(config));
  raw_connection peer(port);
  peer.send(get_a);
  const auto reply = peer.read_reply();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << reply;
  EXPECT_NE(reply.find("application/problem+json"), std::string::npos);
  EXPECT_EQ(reply.find("inner workings"), std::string::npos);
  EXPECT_EQ(reported.get_future().get(), "inner workings");
  peer.send(get_b);
  EXPECT_TRUE(peer.read_reply().ends_with("fine"));
}

TEST_F(http_server_test, ReplyThatWouldBreakTheMessageIsNotSent) {
  serve([](http_server_request request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply("x");
    reply.headers.add("Location", "/a\r\nSet-Cookie: stolen=1" + request.body);
    co_return reply;
  });
  raw_connection peer(port);
  peer.send(get_a);
  const auto reply = peer.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 500")) << reply;
  EXPECT_EQ(reply.find("stolen"), std::string::npos);
}

TEST_F(http_server_test, LargeReplyArrivesWhole) {
  const std::string big(8 * 1024 * 1024, 'x');
  serve([&](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply = text_reply(big);
    co_return reply;
  });
  EXPECT_EQ(get(url("/"))->body, big);
}

TEST_F(http_server_test, TakenPortIsToldWithItsAddress) {
  serve(echo());
  http_server second(runtime.executor(), {.port = port}, echo());
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, error_code::unavailable);
  EXPECT_NE(started.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
}

TEST_F(http_server_test, AReservedPortTakesNobodyUntilAServerListensThere) {
  http_server holder(runtime.executor(), {.port = 0}, echo());
  const auto reserved = holder.reserve();
  ASSERT_TRUE(reserved);
  EXPECT_THROW(raw_connection{*reserved}, std::exception);
  http_server other(runtime.executor(), {.port = *reserved}, echo());
  EXPECT_EQ(other.start(), *reserved);
  EXPECT_NO_THROW(raw_connection{*reserved});
  http_server third(runtime.executor(), {.port = *reserved}, echo());
  EXPECT_FALSE(third.reserve()) << "somebody listens there";
}

TEST_F(http_server_test, AServerListensWhereItReserved) {
  http_server server(runtime.executor(), {.port = 0}, echo());
  const auto reserved = server.reserve();
  ASSERT_TRUE(reserved);
  EXPECT_EQ(server.start(), *reserved);
  EXPECT_NO_THROW(raw_connection{*reserved});
}

TEST_F(http_server_test, NameInsteadOfAnAddressIsBadConfiguration) {
  http_server wrong(runtime.executor(), {.address = "localhost"}, echo());
  EXPECT_EQ(wrong.start().error().code, error_code::bad_configuration);
}

TEST_F(http_server_test, TakenOverConnectionIsTheCallees) {
  serve([](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply;
    reply.status = 101;
    reply.headers.add("Upgrade", "shout");
    reply.headers.add("Connection", "Upgrade");
    reply.take_over = [](byte_stream& stream, std::string early) -> asio::awaitable<void> {
      std::string text = early + "!";
      co_await stream.write(byte_stream::gather(asio::buffer(text)));
      std::array<char, 16> more{};
      const auto [error, count] = co_await stream.read_some(asio::buffer(more));
      std::string answer(more.data(), count);
      co_await stream.write(byte_stream::gather(asio::buffer(answer)));
    };
    co_return reply;
  });
  raw_connection peer(port);
  peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: shout\r\n\r\nearly");
  EXPECT_TRUE(peer.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 Switching Protocols\r\nUpgrade: shout\r\n"));
  EXPECT_EQ(peer.read_until("!"), "early!");
  peer.send("later");
  EXPECT_EQ(peer.read_all(), "later");
}

} // namespace
} // namespace penstock::net::testing
