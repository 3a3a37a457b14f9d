#pragma once

#include <memory>
#include <string>

#include <boost/json/value.hpp>

#include "gateway/api_tables.hpp"
#include "gateway/router.hpp"
#include "gateway/service_desk.hpp"
#include "tests/actors/deterministic_engine.hpp"

namespace penstock::gateway::testing {

namespace json = boost::json;

/// The routes over the whole engine, without sockets: a call is answered when everything has come to rest.
class route_test : public actors::testing::deterministic_engine {
protected:
  void SetUp() override;
  void TearDown() override;

  /// A request with the admin token, unless `request` has an Authorization of its own. The test fails where an answer of
  /// success is not as the description of the API says.
  net::http_reply send(net::http_server_request request);
  net::http_reply send(std::string method, std::string target, std::string body = {});
  /// The reply's JSON; the test fails unless the status is `status`.
  json::value ask(std::string method, std::string target, std::string body = {}, int status = 200);
  /// The `code` of the problem document; the test fails unless the status is `status`.
  std::string problem(std::string method, std::string target, std::string body, int status);

  /// Adds an integration of the service "test".
  std::string add_integration(const std::string& body = R"({"service":"test"})");
  /// Gives it tokens, as a consent does.
  void authorise(const std::string& integration);

  connectors::catalogue services;
  job_kind_catalogue known_kinds;
  std::unique_ptr<node_port> port;
  std::unique_ptr<token_directory> tokens;
  password_desk passwords{{.passes = 1, .memory = 8192}, network.context().get_executor()};
  sign_in_limits sign_ins;
  std::optional<token_rate> webhook_limit; ///< to be set before SetUp
  std::unique_ptr<webhook_desk> webhooks;
  std::unique_ptr<service_desk> desk;
  std::unique_ptr<router> routes;
};

[[nodiscard]] std::string text_of(const json::value& value);

} // namespace penstock::gateway::testing
