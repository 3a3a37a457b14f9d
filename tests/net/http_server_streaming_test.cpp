#include "tests/net/loopback.hpp"
#include "net/sse.hpp"

namespace penstock::net::testing {
namespace {

using stream_body = std::function<asio::awaitable<void>(reply_stream&)>;

http_handler streaming(stream_body body) {
  return [body = std::move(body)](http_server_request) -> asio::awaitable<http_reply> {
    http_reply reply;
    reply.headers.add("Content-Type", "text/event-stream");
    reply.stream = body;
    co_return reply;
  };
}

/// Waits until cancelled, and says so.
asio::awaitable<void> wait_for_cancellation(std::promise<void>& cancelled) {
  asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  const auto [error] = co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  if (error == asio::error::operation_aborted)
    cancelled.set_value();
}

constexpr std::string_view ask = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n";

class http_server_streaming : public loopback_test {
protected:
  static void expect_soon(std::promise<void>& event) {
    EXPECT_EQ(event.get_future().wait_for(patience), std::future_status::ready);
  }
};

TEST_F(http_server_streaming, PiecesAreChunksAndTheConnectionGoesOn) {
  serve(streaming([](reply_stream& out) -> asio::awaitable<void> {
    co_await out.write("first");
    co_await out.write("");
    co_await out.write("a piece of more than fifteen bytes");
  }));
  raw_connection peer(port);
  for (int i = 0; i < 2; ++i) {
    peer.send(ask);
    const auto head = peer.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
    EXPECT_EQ(peer.read_until("0\r\n\r\n"), "5\r\nfirst\r\n22\r\na piece of more than fifteen bytes\r\n0\r\n\r\n");
  }
}

TEST_F(http_server_streaming, OldClientGetsPlainBytesUntilTheEnd) {
  serve(streaming([](reply_stream& out) -> asio::awaitable<void> { co_await out.write("plain"); }));
  raw_connection peer(port);
  peer.send("GET /events HTTP/1.0\r\n\r\n");
  const auto all = peer.read_all();
  EXPECT_TRUE(all.ends_with("\r\n\r\nplain")) << all;
  EXPECT_EQ(all.find("Transfer-Encoding"), std::string::npos);
}

TEST_F(http_server_streaming, ClientThatGoesCancelsTheStream) {
  std::promise<void> cancelled;
  serve(streaming([&](reply_stream& out) -> asio::awaitable<void> {
    co_await out.write("hello");
    co_await wait_for_cancellation(cancelled);
  }));
  raw_connection peer(port);
  peer.send(ask);
  peer.read_until("hello\r\n");
  peer.close();
  expect_soon(cancelled);
}

TEST_F(http_server_streaming, WriteTellsThatTheClientHasGone) {
  std::promise<void> told;
  serve(streaming([&](reply_stream& out) -> asio::awaitable<void> {
    const std::string piece(64 * 1024, 'x');
    for (;;) {
      const bool taken = co_await out.write(piece);
      if (!taken)
        break;
    }
    told.set_value();
  }));
  raw_connection peer(port);
  peer.send(ask);
  peer.read_until("xxx");
  // Bytes that the server does not read keep it from seeing the end of the connection: only writing tells.
  peer.send("GET /next");
  peer.close();
  expect_soon(told);
}

TEST_F(http_server_streaming, StopEndsAStreamAtOnceAndCleanly) {
  std::promise<void> cancelled;
  serve(streaming([&](reply_stream& out) -> asio::awaitable<void> {
    co_await out.write("hello");
    co_await wait_for_cancellation(cancelled);
  }));
  raw_connection peer(port);
  peer.send(ask);
  peer.read_until("hello\r\n");
  EXPECT_TRUE(server->stop(patience));
  expect_soon(cancelled);
  EXPECT_EQ(peer.read_all(), "0\r\n\r\n");
}

TEST_F(http_server_streaming, StopCancelsATakenOverConnection) {
  std::promise<void> entered;
  std::promise<void> cancelled;
  std::atomic<int> exceptions = 0;
  http_server_config config;
  config.on_exception = [&](std::string_view) { ++exceptions; };
  serve(
      [&](http_server_request) -> asio::awaitable<http_reply> {
        http_reply reply;
        reply.status = 101;
        reply.take_over = [&](byte_stream&, std::string) -> asio::awaitable<void> {
          entered.set_value();
          co_await wait_for_cancellation(cancelled);
        };
        co_return reply;
      },
      std::move(config));
  raw_connection peer(port);
  peer.send(ask);
  entered.get_future().wait();
  EXPECT_TRUE(server->stop(patience));
  expect_soon(cancelled);
  EXPECT_EQ(exceptions, 0);
}

TEST_F(http_server_streaming, ExceptionLeavesTheBodyUnfinished) {
  serve(streaming([](reply_stream& out) -> asio::awaitable<void> {
    co_await out.write("half");
    throw std::runtime_error("no more");
  }));
  const auto answer = get(url("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::truncated_body);
}

TEST_F(http_server_streaming, ClientReadsEventsAsTheyCome) {
  serve(streaming([](reply_stream& out) -> asio::awaitable<void> {
    for (int i = 1; i <= 3; ++i) {
      const auto text = format_sse({std::to_string(i), "tick", "line one\nline two"});
      co_await out.write(text);
    }
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  }));
  make_client();
  sse_parser parser;
  std::vector<sse_event> seen;
  http_request request;
  request.url = url("/");
  const auto answer = run(runtime, client->send_streaming(request, [&](std::string_view bytes) {
    return parser.put(bytes, [&](const sse_event& event) { seen.push_back(event); }) && seen.size() < 3;
  }));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[2].id, "3");
  EXPECT_EQ(seen[2].data, "line one\nline two");
  EXPECT_EQ(client->idle_connections(), 0u);
}

TEST_F(http_server_streaming, SilentStreamTimesOut) {
  serve(streaming([](reply_stream& out) -> asio::awaitable<void> {
    co_await out.write("only this");
    asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
  }));
  make_client();
  http_request request;
  request.url = url("/");
  request.timeout = 50ms;
  const auto answer = run(runtime, client->send_streaming(request, [](std::string_view) { return true; }));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, error_code::timed_out);
}

TEST_F(http_server_streaming, StopWaitsForAnAnswerWithinGrace) {
  std::promise<void> entered;
  std::promise<void> release;
  auto released = release.get_future().share();
  serve([&](http_server_request) -> asio::awaitable<http_reply> {
    entered.set_value();
    asio::steady_timer poll(co_await asio::this_coro::executor);
    while (released.wait_for(0s) != std::future_status::ready) {
      poll.expires_after(1ms);
      co_await poll.async_wait(asio::use_awaitable);
    }
    co_return text_reply("done");
  });
  raw_connection peer(port);
  raw_connection idle(port);
  peer.send(ask);
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { return server->stop(patience); });
  EXPECT_EQ(idle.read_all(), "") << "idle connections are closed at once";
  release.set_value();
  EXPECT_TRUE(peer.read_all().ends_with("done"));
  EXPECT_TRUE(stopped.get());
}

TEST_F(http_server_streaming, StopCutsOffAnAnswerThatDoesNotEnd) {
  std::promise<void> entered;
  std::promise<void> cancelled;
  serve([&](http_server_request) -> asio::awaitable<http_reply> {
    entered.set_value();
    co_await wait_for_cancellation(cancelled);
    co_return text_reply("too late");
  });
  raw_connection peer(port);
  peer.send(ask);
  entered.get_future().wait();
  EXPECT_FALSE(server->stop(10ms));
  expect_soon(cancelled);
  EXPECT_EQ(peer.read_all(), "");
  EXPECT_EQ(server->connections(), 0u);
  http_server again(runtime.executor(), {.port = port},
                    [](http_server_request) -> asio::awaitable<http_reply> { co_return http_reply{}; });
  EXPECT_TRUE(again.start()) << "the port is free after stop";
}

} // namespace
} // namespace penstock::net::testing
