#include <set>

#include <boost/json/parse.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using namespace std::chrono_literals;

class tokens_route : public route_test {
protected:
  int status_with(const std::string& token, const std::string& method = "GET",
                  const std::string& target = "/api/v1/executions") {
    net::http_server_request request;
    request.method = method;
    request.target = target;
    request.headers.add("Authorization", "Bearer " + token);
    return send(std::move(request)).status;
  }
  json::value make(const std::string& body) { return ask("POST", "/api/v1/tokens", body, 201); }
  json::array audit(const std::string& query = {}) {
    return ask("GET", "/api/v1/audit" + query).at("items").as_array();
  }
};

TEST_F(tokens_route, TokenIsToldOnceAndGoodAtOnce) {
  const auto made = make(R"({"name":"deploy","role":"operator"})");
  const auto token = text_of(made.at("token"));
  EXPECT_TRUE(token.starts_with("pst_")) << "so that scanners of secrets know it";
  EXPECT_GE(token.size(), 40u);
  EXPECT_EQ(text_of(made.at("role")), "operator");
  EXPECT_EQ(text_of(made.at("created_by")), "admin");
  EXPECT_TRUE(made.at("expires_at").is_null());
  EXPECT_EQ(status_with(token), 200);
  EXPECT_EQ(status_with(token, "GET", "/api/v1/tokens"), 403);

  const auto shown = send("GET", "/api/v1/tokens/" + text_of(made.at("id")));
  EXPECT_EQ(shown.status, 200);
  for (const auto& reply : {shown, send("GET", "/api/v1/tokens"), send("GET", "/api/v1/audit")}) {
    EXPECT_EQ(reply.body.find(token), std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find(to_hex(hash_token(token))), std::string::npos) << reply.body;
  }
}

TEST_F(tokens_route, NoTwoTokensAreTheSame) {
  std::set<std::string> all;
  for (int i = 0; i < 20; ++i)
    all.insert(text_of(make(R"({"name":"same","role":"viewer"})").at("token")));
  EXPECT_EQ(all.size(), 20u);
}

TEST_F(tokens_route, RevokedTokenIsGoodForNothing) {
  const auto made = make(R"({"name":"deploy","role":"viewer"})");
  const auto id = text_of(made.at("id")), token = text_of(made.at("token"));
  EXPECT_EQ(status_with(token), 200);
  EXPECT_EQ(send("DELETE", "/api/v1/tokens/" + id).status, 204);
  EXPECT_EQ(status_with(token), 401);
  EXPECT_EQ(problem("DELETE", "/api/v1/tokens/" + id, "", 404), "not_found");
  EXPECT_TRUE(ask("GET", "/api/v1/tokens").at("items").as_array().empty());
}

TEST_F(tokens_route, TokenEndsWhenItWasToldTo) {
  const auto token = text_of(make(R"({"name":"short","role":"viewer","expires_in_ms":60000})").at("token"));
  EXPECT_EQ(status_with(token), 200);
  advance(61s);
  EXPECT_EQ(status_with(token), 401);
}

TEST_F(tokens_route, BodiesThatCannotBeAreToldWhy) {
  for (const auto* body :
       {"{}", R"({"name":"x"})", R"({"role":"viewer"})", R"({"name":"x","role":"root"})",
        R"({"name":"x","role":"viewer","expires_in_ms":0})", R"({"name":"x","role":"viewer","expires_at":"soon"})",
        R"({"name":"x","role":"viewer","expires_in_ms":5,"expires_at":"2030-01-01T00:00:00Z"})",
        R"({"name":"x","role":"viewer","expires_at":"2001-01-01T00:00:00Z"})",
        R"({"name":"x","role":"viewer","organisation_id":"77"})", R"({"name":"a\u001bb","role":"viewer"})",
        R"({"name":"x","role":"viewer","colour":"red"})"})
    EXPECT_EQ(problem("POST", "/api/v1/tokens", body, 400), "invalid_argument") << body;
  EXPECT_TRUE(ask("GET", "/api/v1/tokens").at("items").as_array().empty());
}

TEST_F(tokens_route, AreListedInPages) {
  for (const auto* name : {"a", "b", "c"})
    make(R"({"name":")" + std::string(name) + R"(","role":"viewer"})");
  const auto first = ask("GET", "/api/v1/tokens?limit=2");
  ASSERT_EQ(first.at("items").as_array().size(), 2u);
  EXPECT_EQ(text_of(first.at("items").as_array()[0].at("name")), "c");
  const auto second = ask("GET", "/api/v1/tokens?limit=2&cursor=" + text_of(first.at("next_cursor")));
  ASSERT_EQ(second.at("items").as_array().size(), 1u);
  EXPECT_EQ(text_of(second.at("items").as_array()[0].at("name")), "a");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(problem("GET", "/api/v1/tokens?cursor=x", "", 400), "invalid_argument");
}

TEST_F(tokens_route, WhatLooksLikeASecretIsLeftOutOfTheAudit) {
  const auto id = add_integration();
  ask("PATCH", "/api/v1/integrations/" + id, R"({"config":{"api_key":"hush-1"}})");
  ask("PATCH", "/api/v1/integrations/" + id, R"({"config":{"api_key":"hush-2"}})");
  const auto told = send("GET", "/api/v1/audit").body;
  EXPECT_EQ(told.find("hush"), std::string::npos) << told;
}

TEST_F(tokens_route, ParametersOfARequestStandInTheAudit) {
  const auto id = add_integration();
  EXPECT_EQ(send("DELETE", "/api/v1/integrations/" + id + "?rows=1").status, 204);
  EXPECT_EQ(text_of(audit().at(0).at("subject")), "/api/v1/integrations/" + id + "?rows=1");
}

TEST_F(tokens_route, SecondAnswerUnderAKeyCouldNotHoldTheToken) {
  net::http_server_request request;
  request.method = "POST";
  request.target = "/api/v1/tokens";
  request.body = R"({"name":"x","role":"viewer"})";
  request.headers.add("Idempotency-Key", "k");
  EXPECT_EQ(send(std::move(request)).status, 400);
}

TEST_F(tokens_route, AdministratorOfAnOrganisationRulesItsTokensAlone) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto chief = text_of(make(R"({"name":"chief","role":"admin","organisation_id":")" + own + R"("})").at("token"));
  const auto outside = text_of(make(R"({"name":"outside","role":"admin"})").at("id"));
  net::http_server_request request;
  request.method = "POST";
  request.target = "/api/v1/tokens";
  request.body = R"({"name":"helper","role":"viewer"})";
  request.headers.add("Authorization", "Bearer " + chief);
  const auto made = json::parse(send(request).body);
  EXPECT_EQ(text_of(made.at("organisation_id")), own);
  EXPECT_TRUE(text_of(made.at("created_by")).ends_with(" (chief)"));
  request.method = "GET";
  request.body.clear();
  EXPECT_EQ(json::parse(send(request).body).at("items").as_array().size(), 2u);
  EXPECT_EQ(status_with(chief, "DELETE", "/api/v1/tokens/" + outside), 404);
  request.target = "/api/v1/audit";
  const auto seen = json::parse(send(request).body);
  ASSERT_EQ(seen.at("items").as_array().size(), 3u) << "its making, its token, and what its own callers did";
  EXPECT_TRUE(text_of(seen.at("items").as_array()[0].at("actor")).ends_with(" (chief)"));
}

TEST_F(tokens_route, EveryChangeIsInTheAuditWithWhoAndWhat) {
  const auto id = add_integration(R"({"service":"test","name":"first"})");
  net::http_server_request request;
  request.method = "PATCH";
  request.target = "/api/v1/integrations/" + id;
  request.body = R"({"name":"second"})";
  request.remote_address = "203.0.113.9";
  request.headers.add("X-Request-Id", "r-7");
  EXPECT_EQ(send(std::move(request)).status, 200);
  const auto entry = audit().at(0);
  EXPECT_EQ(text_of(entry.at("actor")), "admin");
  EXPECT_EQ(text_of(entry.at("action")), "PATCH /api/v1/integrations/{id}");
  EXPECT_EQ(text_of(entry.at("subject")), "/api/v1/integrations/" + id);
  EXPECT_EQ(text_of(entry.at("before").at("name")), "first");
  EXPECT_EQ(text_of(entry.at("after").at("name")), "second");
  EXPECT_EQ(text_of(entry.at("request_id")), "r-7");
  EXPECT_EQ(text_of(entry.at("address")), "203.0.113.9");
  EXPECT_EQ(audit("?subject=/api/v1/integrations/" + id).size(), 2u) << "its making, and its edit";
  EXPECT_TRUE(audit("?actor=token%20x").empty());
}

TEST_F(tokens_route, EachRouteThatChangesSomethingIsAudited) {
  const auto id = add_integration();
  ask("POST", "/api/v1/schedules", R"({"name":"s","cron":"0 4 * * *","kind":"test.note"})", 201);
  const auto job = text_of(ask("POST", "/api/v1/executions", R"({"kind":"test.note","delay_ms":60000})", 201).at("id"));
  settle();
  struct row {
    std::string method, target, body;
  };
  const row rows[] = {
    {"POST", "/api/v1/integrations/" + id + "/pause", ""},
    {"POST", "/api/v1/integrations/" + id + "/reset", ""},
    {"POST", "/api/v1/integrations/" + id + "/authorize", ""},
    {"POST", "/api/v1/queues/default/pause", ""},
    {"POST", "/api/v1/queues/default/resume", ""},
    {"POST", "/api/v1/queues/default/flush", ""},
    {"POST", "/api/v1/queues/default/retry-failed", ""},
    {"POST", "/api/v1/queues/default/work-once", ""},
    {"PATCH", "/api/v1/schedules/s", R"({"enabled":false})"},
    {"POST", "/api/v1/schedules/s/trigger", ""},
    {"DELETE", "/api/v1/schedules/s", ""},
    {"POST", "/api/v1/executions/bulk", R"({"action":"retry","filter":{}})"},
    {"POST", "/api/v1/executions/" + job + "/cancel", ""},
    {"DELETE", "/api/v1/integrations/" + id, ""},
  };
  for (const auto& [method, target, body] : rows) {
    const auto reply = send(method, target, body);
    ASSERT_LT(reply.status, 300) << method << " " << target << " " << reply.body;
    const auto entry = audit().at(0);
    EXPECT_EQ(text_of(entry.at("subject")), target);
    EXPECT_TRUE(text_of(entry.at("action")).starts_with(method)) << text_of(entry.at("action"));
  }
  EXPECT_TRUE(audit("?subject=/api/v1/executions").empty()) << "a job tells itself who made it";
}

TEST_F(tokens_route, WhatIsMadeStandsInTheAuditByItsId) {
  const auto token = text_of(make(R"({"name":"t","role":"viewer"})").at("id"));
  EXPECT_EQ(text_of(audit().at(0).at("subject")), "/api/v1/tokens/" + token);
  const auto integration = add_integration();
  EXPECT_EQ(text_of(audit().at(0).at("subject")), "/api/v1/integrations/" + integration);
  ask("POST", "/api/v1/schedules", R"({"name":"a b","cron":"0 4 * * *","kind":"test.note"})", 201);
  EXPECT_EQ(text_of(audit().at(0).at("subject")), "/api/v1/schedules/a%20b");
}

TEST_F(tokens_route, OrganisationSeesWhatOthersDidToWhatIsItsOwn) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto id = add_integration(R"({"service":"test","organisation_id":")" + own + R"("})");
  ask("POST", "/api/v1/integrations/" + id + "/pause");
  ask("POST", "/api/v1/queues/default/pause");
  const auto chief = text_of(make(R"({"name":"chief","role":"admin","organisation_id":")" + own + R"("})").at("token"));
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/audit";
  request.headers.add("Authorization", "Bearer " + chief);
  EXPECT_EQ(json::parse(send(request).body).at("items").as_array().size(), 4u) << "all but the queue's pause";
}

TEST_F(tokens_route, WhatWasRefusedIsNotInTheAudit) {
  EXPECT_EQ(problem("POST", "/api/v1/integrations/9/fetch", "", 404), "not_found");
  EXPECT_EQ(problem("PATCH", "/api/v1/schedules/none", R"({"enabled":false})", 404), "not_found");
  EXPECT_TRUE(audit().empty());
}

} // namespace
} // namespace penstock::gateway::testing
