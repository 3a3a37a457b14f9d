// Every route, with every kind of caller.
#include <map>
#include <set>

#include <boost/json/parse.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class route_access : public route_test {
protected:
  void SetUp() override {
    route_test::SetUp();
    own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
    other = text_of(ask("POST", "/api/v1/organisations", R"({"name":"other"})", 201).at("id"));
  }

  std::string token(const std::string& role, const std::string& organisation = {}) {
    json::object body{{"name", role}, {"role", role}};
    if (!organisation.empty())
      body["organisation_id"] = organisation;
    return text_of(ask("POST", "/api/v1/tokens", json::serialize(body), 201).at("token"));
  }
  net::http_reply send_as(const std::string& token, std::string method, std::string target, std::string body = {}) {
    net::http_server_request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.headers.add("Authorization", token.empty() ? "" : "Bearer " + token);
    return send(std::move(request));
  }
  json::value ask_as(const std::string& token, std::string method, std::string target, std::string body = {},
                     int status = 200) {
    const auto reply = send_as(token, method, target, std::move(body));
    EXPECT_EQ(reply.status, status) << method << " " << target << "\n" << reply.body;
    return json::parse(reply.body);
  }
  /// Of nothing that exists, so that a call that is let in changes nothing.
  static std::string path_of(const route& each) {
    std::string path(each.pattern);
    for (const std::string_view capture : {"{id}", "{name}", "{run}", "{service}"})
      if (const auto at = path.find(capture); at != std::string::npos)
        path.replace(at, capture.size(), "999");
    return path;
  }
  std::string own, other;
};

TEST_F(route_access, EveryRouteAsksForWhatItsTableSays) {
  const std::map<std::string, access_level> callers{{"", access_level::anybody},
                                                    {"no such token", access_level::anybody},
                                                    {token("viewer"), access_level::viewer},
                                                    {token("operator"), access_level::operating},
                                                    {token("admin"), access_level::admin}};
  int asked = 0;
  for (const auto& each : routes->routes())
    for (const auto& [caller, level] : callers) {
      if (each.pattern == "/api/v1/events/stream")
        continue; // it is answered by a stream, which event_stream_test reads
      const auto status = send_as(caller, std::string(each.method), path_of(each)).status;
      const auto what = std::string(each.method) + " " + std::string(each.pattern) + " as level " +
                        std::to_string(static_cast<int>(level));
      ++asked;
      if (each.needs.level == access_level::anybody ||
          (each.needs.level == access_level::loopback && level >= access_level::viewer))
        EXPECT_TRUE(status != 401 && (status != 403 || each.pattern.starts_with("/oauth"))) << what << ": " << status;
      else if (level == access_level::anybody)
        EXPECT_EQ(status, 401) << what;
      else if (level < each.needs.level)
        EXPECT_EQ(status, 403) << what;
      else
        EXPECT_TRUE(status != 401 && status != 403) << what << ": " << status;
    }
  EXPECT_GT(asked, 200);
}

TEST_F(route_access, WholeNodeIsClosedToCallersOfAnOrganisation) {
  const auto bound = token("admin", own);
  std::set<std::string> closed;
  for (const auto& each : routes->routes()) {
    if (each.pattern == "/api/v1/events/stream" || each.needs.level <= access_level::loopback)
      continue;
    const auto reply = send_as(bound, std::string(each.method), path_of(each));
    EXPECT_EQ(reply.status == 403, !each.needs.scoped)
      << each.method << " " << each.pattern << ": " << reply.status << " " << reply.body;
    if (!each.needs.scoped)
      closed.insert(std::string(each.pattern));
  }
  EXPECT_TRUE(closed.contains("/api/v1/queues"));
  EXPECT_TRUE(closed.contains("/api/v1/schedules/{name}"));
}

TEST_F(route_access, WhatBelongsToAnotherOrganisationIsNotThere) {
  const auto bound = token("admin", own);
  const auto theirs = add_integration(R"({"service":"test","organisation_id":")" + other + R"("})");
  const auto run = text_of(ask("POST", "/api/v1/executions",
                               R"({"kind":"test.note","delay_ms":60000,"organisation_id":")" + other + R"("})", 201)
                             .at("id"));
  const std::string integration = "/api/v1/integrations/" + theirs, job = "/api/v1/executions/" + run;
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{{"GET", integration},
                                                        {"PATCH", integration},
                                                        {"DELETE", integration},
                                                        {"GET", integration + "/runs"},
                                                        {"GET", integration + "/runs/1"},
                                                        {"GET", integration + "/row-errors"},
                                                        {"GET", integration + "/cursors"},
                                                        {"POST", integration + "/fetch"},
                                                        {"POST", integration + "/pause"},
                                                        {"POST", integration + "/resume"},
                                                        {"POST", integration + "/reset"},
                                                        {"POST", integration + "/authorize"},
                                                        {"GET", job},
                                                        {"GET", job + "/logs"},
                                                        {"GET", job + "/exchanges"},
                                                        {"POST", job + "/cancel"},
                                                        {"POST", job + "/retry"},
                                                        {"GET", "/api/v1/organisations/" + other}})
    EXPECT_EQ(send_as(bound, method, path).status, 404) << method << " " << path;
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/integrations").at("items").as_array().empty());
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/executions").at("items").as_array().empty());
  EXPECT_TRUE(ask_as(bound, "GET", "/api/v1/events").at("items").as_array().empty());
  EXPECT_EQ(ask_as(bound, "GET", "/api/v1/organisations").at("items").as_array().size(), 1u);
  EXPECT_EQ(ask_as(bound, "POST", "/api/v1/executions/bulk", R"({"action":"cancel","filter":{},"preview":true})")
              .at("matched")
              .as_int64(),
            0);
  EXPECT_EQ(send_as(bound, "GET", "/api/v1/integrations?organisation=" + other).status, 400);
}

TEST_F(route_access, WhatACallerOfAnOrganisationMakesIsOfThatOne) {
  const auto bound = token("operator", own);
  const auto made = ask_as(bound, "POST", "/api/v1/integrations", R"({"service":"test"})", 201);
  EXPECT_EQ(text_of(made.at("organisation_id")), own);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/integrations", R"({"service":"test","organisation_id":")" + other + R"("})").status,
    400);
  // test.step may be anything: only kinds that touch nothing but their args are theirs to enqueue.
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})").status, 403);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/executions", R"([{"kind":"test.note","organisation_id":")" + other + R"("}])")
      .status,
    403);
  EXPECT_EQ(
    send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note","group_key":")" + other + R"(/a"})").status,
    403);
  const auto id = text_of(ask_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note"})", 201).at("id"));
  const auto job = ask_as(bound, "GET", "/api/v1/executions/" + id);
  EXPECT_EQ(text_of(job.at("organisation_id")), own);
  EXPECT_TRUE(text_of(job.at("triggered_by")).ends_with(" (operator)")) << text_of(job.at("triggered_by"));
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"test.note","queue":"mine"})").status, 403)
    << "queues are the node's";
  EXPECT_EQ(send_as(bound, "POST", "/api/v1/executions", R"({"kind":"no.such"})").status, 400)
    << "a mistyped name is told as one";
}

TEST_F(route_access, OrganisationThatIsNoneIsRefused) {
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"test","organisation_id":"12345"})", 400),
            "invalid_argument");
}

} // namespace
} // namespace penstock::gateway::testing
