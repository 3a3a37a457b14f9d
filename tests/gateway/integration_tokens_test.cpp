#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Beside "test", which people authorise, "keyed", whose integrations are given a token each; "open" needs none, the tokens of
/// "client" are given to this node, and what "sent" has comes by webhooks.
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
    keyed.services.push_back(service);
    service.name = "client";
    service.client_grant = net::oauth2_provider{"", "http://provider.test/token", "us", "our-secret", ""};
    keyed.services.push_back(service);
    service.name = "sent";
    service.client_grant.reset();
    service.first_jobs = {};
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
  /// The configuration of the service is another now: its integrations took a token of their own before.
  void make_keyed_before() {
    unit_of_work unit;
    unit.changes.emplace_back(
      act_on_integration{integration_id{std::stoll(id)}, integration_action::requires_reauth, "there is no token yet"});
    ASSERT_TRUE(commit(std::move(unit)));
  }
  std::string status() { return text_of(ask("GET", path()).at("status")); }
  /// What a refusal says.
  std::string refusal(const std::string& action, int status, const std::string& body = {}) {
    const auto refused = send("POST", path() + action, body);
    EXPECT_EQ(refused.status, status) << action;
    return refused.body;
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
  EXPECT_TRUE(ask("GET", path()).at("to_do").is_null());
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

TEST_F(integration_tokens, OneThatIsGoodForNothingAnyMoreIsToBeReplaced) {
  id = add_integration(R"({"service":"keyed"})");
  provider.reply("GET", "/page", 200, "one");
  ask("POST", path() + "/token", R"({"token":"a-token"})");
  settle();
  make_keyed_before();
  EXPECT_EQ(status(), "requires_reauth");
  EXPECT_EQ(text_of(ask("GET", path()).at("to_do")), "needs another token: penstock integrations token " + id);
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

TEST_F(integration_tokens, WhereNoneIsNeededAnyMoreAResumeLetsItGoOn) {
  for (const std::string service : {"open", "client"}) {
    id = add_integration(R"({"service":")" + service + R"("})");
    make_keyed_before();
    const auto resume = "penstock integrations resume " + id;
    EXPECT_THAT(refusal("/fetch", 409), HasSubstr(resume));
    EXPECT_THAT(refusal("/pause", 409), HasSubstr(resume));
    EXPECT_THAT(refusal("/token", 422, R"({"token":"a"})"), HasSubstr(resume));
    EXPECT_THAT(refusal("/authorize", 409), HasSubstr(resume));
    const auto resumed = ask("POST", path() + "/resume");
    EXPECT_EQ(text_of(resumed.at("status")), "idle");
    EXPECT_TRUE(resumed.at("last_error").is_null());
    ask("POST", path() + "/pause");
    EXPECT_EQ(text_of(ask("POST", path() + "/resume").at("status")), "idle");
  }
}

TEST_F(integration_tokens, WhereOneIsNeededAResumeDoesNotTakeItsPlace) {
  id = add_integration(R"({"service":"keyed"})");
  EXPECT_THAT(refusal("/resume", 409), HasSubstr("penstock integrations token " + id));
  EXPECT_EQ(status(), "requires_reauth");
}

TEST_F(integration_tokens, WhereTheNodeIsTheClientItAsksForThemItself) {
  id = add_integration(R"({"service":"client"})");
  EXPECT_EQ(status(), "idle");
  EXPECT_FALSE(ask("GET", path()).at("awaits_token").as_bool());
  EXPECT_FALSE(ask("GET", path()).at("awaits_consent").as_bool());
  EXPECT_THAT(refusal("/authorize", 409), HasSubstr("service 'client' has nothing to authorise"));
  EXPECT_THAT(refusal("/token", 422, R"({"token":"a"})"), HasSubstr("take no token of their own"));
  provider.reply("POST", "/token", 200, R"({"access_token":"granted","expires_in":3600,"token_type":"Bearer"})");
  provider.reply("GET", "/page", 200, "one");
  ask("POST", path() + "/fetch", R"({"force":true})", 202);
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"page one"});
  const auto sent = provider.requests();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].url, "http://provider.test/token");
  EXPECT_THAT(sent[0].body, HasSubstr("grant_type=client_credentials"));
  EXPECT_EQ(sent[1].headers.value_or("Authorization", ""), "Bearer granted");
  EXPECT_EQ(status(), "idle");
}

TEST_F(integration_tokens, WhoSendsIsToldToLookForTheAddressAndNotToMakeAnother) {
  id = add_integration(R"({"service":"sent"})");
  const auto refused = refusal("/token", 422, R"({"token":"a"})");
  EXPECT_THAT(refused, HasSubstr("penstock integrations show " + id));
  EXPECT_THAT(refused, Not(HasSubstr("integrations webhook")));
  const auto resumed = refusal("/resume", 409);
  EXPECT_THAT(resumed, HasSubstr("integration " + id + " is not paused"));
  EXPECT_THAT(resumed, Not(HasSubstr("fetch")));
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
