#include <boost/asio/co_spawn.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class node_routes : public route_test {
protected:
  int status_without_token(const std::string& target, bool loopback) {
    net::http_server_request request;
    request.method = "GET";
    request.target = target;
    request.is_loopback = loopback;
    request.headers.add("Authorization", "");
    return send(std::move(request)).status;
  }
};

TEST_F(node_routes, HealthAndReadinessNeedNoTokenOnThisMachine) {
  EXPECT_EQ(status_without_token("/healthz", true), 200);
  EXPECT_EQ(status_without_token("/readyz", true), 200);
  EXPECT_EQ(status_without_token("/healthz", false), 401);
  EXPECT_EQ(status_without_token("/api/v1/node", true), 401);
}

TEST_F(node_routes, ReadyWhileTheStoreAndTheQueuesAnswer) {
  EXPECT_EQ(text_of(ask("GET", "/readyz").at("status")), "ready");
  fault = [](std::string_view) { return error{error_code::storage_busy, "locked"}; };
  const auto reply = send("GET", "/readyz");
  fault = nullptr;
  EXPECT_EQ(reply.status, 503) << reply.body;
  EXPECT_TRUE(reply.headers.contains("Retry-After"));
  EXPECT_EQ(text_of(ask("GET", "/healthz").at("status")), "ok");
}

TEST_F(node_routes, NotReadyWhileTheDatabaseTakesNoWrites) {
  const auto enqueue = R"({"kind":"test.step","args":{}})";
  fault = [](std::string_view call) -> std::optional<error> {
    if (call != "commit")
      return std::nullopt;
    return error{error_code::storage_full, "the disk of the database is full: make room"};
  };
  EXPECT_EQ(send("GET", "/readyz").status, 200) << "nobody has met it yet";
  EXPECT_EQ(problem("POST", "/api/v1/executions", enqueue, 503), "storage_full");
  for (int i = 0; i < 3; ++i) {
    const auto reply = send("GET", "/readyz");
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.body.find("make room"), std::string::npos) << reply.body;
    EXPECT_TRUE(reply.headers.contains("Retry-After"));
  }
  EXPECT_FALSE(ask("GET", "/api/v1/node").at("ready").as_bool());
  fault = nullptr; // nobody commits anything now
  EXPECT_EQ(send("GET", "/readyz").status, 200);
  ask("POST", "/api/v1/executions", enqueue, 201);
}

TEST_F(node_routes, ADatabaseThatFailsIsToldAsUnavailable) {
  fault = [](std::string_view call) -> std::optional<error> {
    if (call != "commit")
      return std::nullopt;
    return error{error_code::storage_failed, "the database does not work"};
  };
  send("POST", "/api/v1/executions", R"({"kind":"test.step","args":{}})");
  EXPECT_EQ(problem("GET", "/readyz", {}, 503), "unavailable");
  fault = nullptr;
  EXPECT_EQ(send("GET", "/readyz").status, 200);
}

TEST_F(node_routes, NodeTellsOfItself) {
  advance(std::chrono::seconds(5));
  const auto node = ask("GET", "/api/v1/node");
  EXPECT_EQ(text_of(node.at("name")), "node-a");
  EXPECT_EQ(text_of(node.at("version")), "0.1.0");
  EXPECT_EQ(node.at("uptime_ms").as_int64(), 5000);
  EXPECT_TRUE(node.at("ready").as_bool());
  EXPECT_EQ(node.at("queues").as_array().size(), 3u);
  EXPECT_EQ(text_of(node.at("services").as_array()[0]), "test");
}

TEST_F(node_routes, SilentEngineIsAnsweredForAfterItsTime) {
  // The question hangs in the actors' mailboxes: nothing is delivered here but the network's work.
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/executions/1";
  request.headers.add("Authorization", "Bearer secret");
  std::optional<net::http_reply> reply;
  net::asio::co_spawn(network.context(), routes->handle(std::move(request)),
                      [&](const std::exception_ptr&, net::http_reply given) { reply = std::move(given); });
  const auto poll = [this] {
    network.context().restart();
    network.context().poll();
  };
  poll();
  for (int second = 1; second < 10; ++second)
    port->tick();
  poll();
  EXPECT_FALSE(reply);
  port->tick();
  poll();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
}

} // namespace
} // namespace penstock::gateway::testing
