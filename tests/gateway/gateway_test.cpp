#include "gateway/gateway.hpp"

#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using net::asio::ip::tcp;

/// The gateway itself, over a real socket, with the engine still driven by hand.
class whole_gateway : public route_test {
protected:
  gateway_config settings() {
    gateway_config config;
    config.port = 0;
    config.admin_token = hash_token("secret");
    config.max_body = 1000;
    return config;
  }
  std::unique_ptr<gateway> make(gateway_config config) {
    gateway_parts parts;
    parts.engine = &aut->handles();
    parts.connectors = &services;
    parts.kinds = &known_kinds;
    parts.clock = &clock;
    parts.ids = &ids;
    parts.sleeper = &sleeper;
    parts.http = &provider;
    parts.executor = network.executor();
    return std::make_unique<gateway>(std::move(config), std::move(parts));
  }
  /// Sends bytes to the port and reads one answer to the end of its body.
  std::string exchange(std::uint16_t port_number, const std::string& request) {
    net::asio::io_context mine;
    tcp::socket socket(mine);
    net::io_error error;
    socket.connect({net::asio::ip::address_v4::loopback(), port_number}, error);
    if (error)
      return "not connected";
    net::asio::write(socket, net::asio::buffer(request));
    settle();
    const timeval limit{20, 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::string text(65536, '\0');
    const auto count = ::recv(socket.native_handle(), text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  /// Stopping waits for connections to end, which the network's thread does.
  void stop(gateway& served) {
    std::thread network_thread([this] {
      network.context().restart();
      network.context().run();
    });
    served.stop();
    network.context().stop();
    network_thread.join();
  }
};

TEST_F(whole_gateway, ServesUntilItIsStopped) {
  auto served = make(settings());
  const auto port_number = served->start();
  ASSERT_TRUE(port_number) << port_number.error().message;
  EXPECT_TRUE(exchange(*port_number, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(exchange(*port_number, "GET /api/v1/queues HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 401"));
  const auto list =
    exchange(*port_number, "GET /api/v1/integrations HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n\r\n");
  EXPECT_TRUE(list.starts_with("HTTP/1.1 200 OK\r\n")) << list;
  EXPECT_NE(list.find(R"({"items":[],"next_cursor":null})"), std::string::npos) << list;
  stop(*served);
  EXPECT_EQ(exchange(*port_number, ""), "not connected");
}

TEST_F(whole_gateway, BodyBeyondTheLimitIsRefused) {
  auto served = make(settings());
  const auto port_number = served->start();
  ASSERT_TRUE(port_number);
  const auto reply = exchange(*port_number, "POST /api/v1/executions HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n"
                                            "Content-Length: 1001\r\n\r\n");
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 413")) << reply;
  EXPECT_NE(reply.find("X-Request-Id: mine\r\n"), std::string::npos) << reply;
  EXPECT_NE(exchange(*port_number, "NONSENSE\r\n\r\n").find("X-Request-Id: "), std::string::npos);
  stop(*served);
}

TEST_F(whole_gateway, StrangersAreRefusedBeforeTheirBodyComes) {
  auto served = make(settings());
  const auto port_number = served->start();
  ASSERT_TRUE(port_number);
  const auto refused = exchange(*port_number, "POST /api/v1/executions HTTP/1.1\r\nHost: a\r\n"
                                              "Authorization: Bearer wrong\r\nContent-Length: 900\r\n\r\n{");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 401")) << refused;
  EXPECT_NE(refused.find("Connection: close"), std::string::npos) << refused;
  EXPECT_NE(refused.find("X-Request-Id: "), std::string::npos) << refused;
  const auto expected = exchange(*port_number, "POST /api/v1/executions HTTP/1.1\r\nHost: a\r\n"
                                               "Authorization: Bearer secret\r\nExpect: 100-continue\r\n"
                                               "Content-Length: 900\r\n\r\n");
  EXPECT_TRUE(expected.starts_with("HTTP/1.1 100")) << expected;
  stop(*served);
}

TEST_F(whole_gateway, EventStreamsLeaveHalfOfTheConnectionsToOthers) {
  auto config = settings();
  config.max_connections = 4;
  auto served = make(std::move(config));
  const auto port_number = served->start();
  ASSERT_TRUE(port_number);
  const std::string stream =
    "GET /api/v1/events/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n\r\n";
  net::asio::io_context mine;
  std::vector<tcp::socket> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back(mine).connect({net::asio::ip::address_v4::loopback(), *port_number});
    net::asio::write(readers.back(), net::asio::buffer(stream));
    settle();
  }
  const auto refused = exchange(*port_number, stream);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 429")) << refused;
  EXPECT_TRUE(exchange(*port_number, "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200"));
  readers.clear();
  stop(*served);
}

TEST_F(whole_gateway, LinksNameTheAddressThatItListensOn) {
  auto served = make(settings());
  const auto port_number = served->start();
  ASSERT_TRUE(port_number);
  const auto id = add_integration();
  const auto reply = exchange(*port_number, "POST /api/v1/integrations/" + id +
                                              "/authorize HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret\r\n"
                                              "Content-Length: 0\r\n\r\n");
  EXPECT_NE(reply.find("http://127.0.0.1:" + std::to_string(*port_number) + "/oauth/test/start"), std::string::npos)
    << reply;
  stop(*served);
}

TEST_F(whole_gateway, TakenPortIsToldInOneLine) {
  auto first = make(settings());
  const auto port_number = first->start();
  ASSERT_TRUE(port_number);
  auto config = settings();
  config.port = *port_number;
  auto second = make(config);
  const auto taken = second->start();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, error_code::unavailable);
  EXPECT_NE(taken.error().message.find(std::to_string(*port_number)), std::string::npos);
  stop(*first);
}

} // namespace
} // namespace penstock::gateway::testing
