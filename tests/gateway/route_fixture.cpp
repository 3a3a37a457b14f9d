#include "tests/gateway/route_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "actors/engine_kinds.hpp"
#include "tests/gateway/described_answers.hpp"

namespace penstock::gateway::testing {

void route_test::SetUp() {
  start();
  auto built = connectors::catalogue::build(enabled_connectors());
  ASSERT_TRUE(built);
  services = std::move(*built);
  for (auto& kind : services.kinds())
    known_kinds.add(std::move(kind));
  actors::add_engine_kinds(known_kinds);
  port = std::make_unique<node_port>(aut->handles());
  tokens = std::make_unique<token_directory>(hash_token("secret"));
  webhooks = std::make_unique<webhook_desk>(webhook_limit);
  desk.reset(new service_desk{.port = *port,
                              .connectors = services,
                              .kinds = known_kinds,
                              .clock = clock,
                              .ids = ids,
                              .sleeper = sleeper,
                              .http = provider,
                              .authorisations = {},
                              .tokens = *tokens,
                              .passwords = passwords,
                              .sign_ins = sign_ins,
                              .webhooks = *webhooks,
                              .public_url = "https://penstock.test",
                              .node_name = "node-a",
                              .version = "0.1.0",
                              .started_at = clock.now()});
  routes = std::make_unique<router>(*desk, access_policy(*tokens, clock, desk->public_url), api_tables());
}

void route_test::TearDown() {
  routes.reset();
  desk.reset();
  port.reset();
  deterministic_engine::TearDown();
}

net::http_reply route_test::send(net::http_server_request request) {
  if (!request.headers.contains("Authorization") && !request.headers.contains("Cookie"))
    request.headers.add("Authorization", "Bearer secret");
  const auto method = request.method, target = request.target;
  std::optional<net::http_reply> reply;
  net::asio::co_spawn(network.context(), routes->handle(std::move(request)),
                      [&reply](const std::exception_ptr& thrown, net::http_reply given) {
                        if (!thrown)
                          reply = std::move(given);
                      });
  settle();
  if (!reply) {
    ADD_FAILURE() << "the request was not answered";
    return {};
  }
  static const described_answers described;
  EXPECT_EQ(described.complaints(method, target, *reply), "") << method << " " << target << "\n" << reply->body;
  return std::move(*reply);
}

net::http_reply route_test::send(std::string method, std::string target, std::string body) {
  net::http_server_request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  return send(std::move(request));
}

json::value route_test::ask(std::string method, std::string target, std::string body, int status) {
  const std::string what = method + " " + target;
  const auto reply = send(std::move(method), std::move(target), std::move(body));
  EXPECT_EQ(reply.status, status) << what << "\n" << reply.body;
  boost::system::error_code malformed;
  auto value = json::parse(reply.body, malformed);
  EXPECT_FALSE(malformed) << what << "\n" << reply.body;
  return value;
}

std::string route_test::problem(std::string method, std::string target, std::string body, int status) {
  const auto reply = send(method, target, std::move(body));
  EXPECT_EQ(reply.status, status) << method << " " << target << "\n" << reply.body;
  EXPECT_EQ(reply.headers.value_or("Content-Type", ""), "application/problem+json");
  boost::system::error_code malformed;
  const auto value = json::parse(reply.body, malformed);
  return malformed ? "not JSON" : text_of(value.at("code"));
}

std::string route_test::add_integration(const std::string& body) {
  return text_of(ask("POST", "/api/v1/integrations", body, 201).at("id"));
}

void route_test::authorise(const std::string& integration) {
  credential tokens;
  tokens.access_token = "token";
  std::optional<result<void>> stored;
  net::asio::co_spawn(network.context(), port->install_tokens(integration_id{std::stoll(integration)}, tokens),
                      [&](const std::exception_ptr&, result<void> outcome) { stored = outcome; });
  settle();
  EXPECT_TRUE(stored && *stored);
}

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string())
    return {text->data(), text->size()};
  return json::serialize(value);
}

} // namespace penstock::gateway::testing
