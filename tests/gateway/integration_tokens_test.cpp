#include <boost/json/serialize.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

/// Beside "test", which people authorise, "keyed", whose integrations are given a token each.
class integration_tokens : public route_test {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = route_test::enabled_connectors();
    connectors::connector keyed;
    keyed.name = "keyed";
    connectors::service service;
    service.name = "keyed";
    service.title = "Keyed";
    service.default_frequency = duration{0};
    service.token = connectors::own_token::needed;
    service.first_jobs = enabled.front().services.front().first_jobs;
    keyed.services.push_back(service);
    service.name = "open";
    service.token = connectors::own_token::none;
    keyed.services.push_back(std::move(service));
    enabled.push_back(std::move(keyed));
    return enabled;
  }
  std::string path() const { return "/api/v1/integrations/" + id; }
  std::optional<credential> stored() {
    const auto found = db().integrations().credential_of(integration_id{std::stoll(id)});
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  }

  /// One whose connector another node runs.
  void add_integration_of(const std::string& service, unit_of_work& unit) {
    integration account;
    account.id = integration_id{4711};
    account.service = service;
    id = "4711";
    unit.changes.emplace_back(penstock::add_integration{account});
  }
  /// Of giving the token as a caller with a token that is made so.
  int status_as(const std::string& caller) {
    net::http_server_request request;
    request.method = "POST";
    request.target = path() + "/token";
    request.body = R"({"token":"a-token"})";
    request.headers.add("Authorization", "Bearer " + text_of(ask("POST", "/api/v1/tokens", caller, 201).at("token")));
    return send(std::move(request)).status;
  }

  std::string id;
};

TEST_F(integration_tokens, IsStoredAndTheFirstSyncBeginsWithIt) {
  id = add_integration(R"({"service":"keyed"})");
  provider.reply("GET", "/page", 200, "one");
  const auto shown = ask("POST", path() + "/token", R"({"token":"a-token"})");
  EXPECT_EQ(json::serialize(shown).find("a-token"), std::string::npos);
  settle();
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->access_token, "a-token");
  EXPECT_EQ(stored()->access_expires_at, no_time);
  EXPECT_EQ(ran, std::vector<std::string>{"page one"});
  EXPECT_EQ(text_of(ask("GET", path()).at("status")), "idle");
  EXPECT_FALSE(ask("GET", path()).at("awaits_token").as_bool());
  EXPECT_EQ(ask("GET", "/api/v1/events?type=integration.connected").at("items").as_array().size(), 1u);
  EXPECT_EQ(json::serialize(ask("GET", "/api/v1/audit")).find("a-token"), std::string::npos);
}

TEST_F(integration_tokens, WithoutOneItIsToldHowToGiveOne) {
  id = add_integration(R"({"service":"keyed"})");
  const auto shown = ask("GET", path());
  EXPECT_TRUE(shown.at("awaits_token").as_bool());
  EXPECT_EQ(text_of(shown.at("status")), "requires_reauth");
  EXPECT_EQ(text_of(shown.at("last_error")), "there is no token yet: penstock integrations token " + id);
  EXPECT_TRUE(ask("GET", "/api/v1/events?type=integration.connected").at("items").as_array().empty());
  const auto refused = send("POST", path() + "/fetch");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("integration " + id + " has no token yet: penstock integrations token " + id),
            std::string::npos)
    << refused.body;
  EXPECT_EQ(problem("POST", path() + "/authorize", "", 409), "conflict");
}

TEST_F(integration_tokens, MistakesAreTold) {
  id = add_integration(R"({"service":"keyed"})");
  for (const std::string body :
       {"", "{}", R"({"token":""})", R"({"token":7})", R"({"token":"a\nb"})", R"({"toke":"a"})"})
    EXPECT_EQ(problem("POST", path() + "/token", body, 400), "invalid_argument") << body;
  EXPECT_FALSE(stored());
  id = add_integration();
  EXPECT_EQ(problem("POST", path() + "/token", R"({"token":"a"})", 422), "bad_configuration") << "a consent brings it";
  EXPECT_EQ(problem("POST", "/api/v1/integrations/5/token", R"({"token":"a"})", 404), "not_found");
}

TEST_F(integration_tokens, AServiceThatTakesNoneRefusesIt) {
  id = add_integration(R"({"service":"open"})");
  EXPECT_FALSE(ask("GET", path()).at("awaits_token").as_bool());
  const auto refused = send("POST", path() + "/token", R"({"token":"a"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("integrations of service 'open' take no token of their own"), std::string::npos)
    << refused.body;
  EXPECT_FALSE(stored());
}

TEST_F(integration_tokens, APausedOneKeepsItAndStaysPaused) {
  id = add_integration(R"({"service":"keyed","update_frequency_minutes":5})");
  provider.reply("GET", "/page", 200, "zero");
  ask("POST", path() + "/token", R"({"token":"former"})");
  settle();
  ran.clear();
  ask("POST", path() + "/pause");
  EXPECT_EQ(text_of(ask("POST", path() + "/token", R"({"token":"a-token"})").at("status")), "paused");
  settle();
  ASSERT_TRUE(stored());
  EXPECT_EQ(stored()->access_token, "a-token");
  EXPECT_TRUE(ran.empty());
  provider.reply("GET", "/page", 200, "one");
  EXPECT_EQ(text_of(ask("POST", path() + "/resume").at("status")), "idle");
  ask("POST", path() + "/fetch", R"({"force":true})", 202);
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"page one"});
}

TEST_F(integration_tokens, ADisconnectedOneTakesNone) {
  id = add_integration(R"({"service":"keyed"})");
  unit_of_work unit;
  unit.changes.emplace_back(act_on_integration{integration_id{std::stoll(id)}, integration_action::disconnect, {}});
  ASSERT_TRUE(commit(std::move(unit)));
  const auto refused = send("POST", path() + "/token", R"({"token":"a"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("penstock integrations add keyed"), std::string::npos) << refused.body;
  EXPECT_FALSE(stored());
}

TEST_F(integration_tokens, WhereTheConnectorIsNotEnabledNothingIsReplaced) {
  unit_of_work unit;
  add_integration_of("elsewhere", unit);
  ASSERT_TRUE(commit(std::move(unit)));
  const auto refused = send("POST", path() + "/token", R"({"token":"a"})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("not enabled on this node"), std::string::npos) << refused.body;
  EXPECT_FALSE(stored());
}

TEST_F(integration_tokens, OnlyWhoMayRunSyncsOfItGivesOne) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto other = text_of(ask("POST", "/api/v1/organisations", R"({"name":"other"})", 201).at("id"));
  id = add_integration(R"({"service":"keyed","organisation_id":")" + other + R"("})");
  EXPECT_EQ(status_as(R"({"name":"looks","role":"viewer"})"), 403);
  EXPECT_EQ(status_as(R"({"name":"bound","role":"operator","organisation_id":")" + own + R"("})"), 404);
  EXPECT_FALSE(stored());
  EXPECT_EQ(status_as(R"({"name":"theirs","role":"operator","organisation_id":")" + other + R"("})"), 200);
  EXPECT_TRUE(stored());
}

} // namespace
} // namespace penstock::gateway::testing
