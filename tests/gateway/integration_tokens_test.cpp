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
    service.first_jobs = enabled.front().services.front().first_jobs;
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
  EXPECT_EQ(json::serialize(ask("GET", "/api/v1/audit")).find("a-token"), std::string::npos);
}

TEST_F(integration_tokens, WithoutOneItIsToldHowToGiveOne) {
  id = add_integration(R"({"service":"keyed"})");
  ask("POST", path() + "/fetch", "", 202);
  settle();
  const auto shown = ask("GET", path());
  EXPECT_EQ(text_of(shown.at("status")), "requires_reauth");
  EXPECT_NE(text_of(shown.at("last_error")).find("penstock integrations token " + id), std::string::npos)
    << text_of(shown.at("last_error"));
  EXPECT_EQ(problem("POST", path() + "/authorize", "", 409), "conflict");
}

TEST_F(integration_tokens, MistakesAreTold) {
  id = add_integration(R"({"service":"keyed"})");
  for (const std::string body :
       {"", "{}", R"({"token":""})", R"({"token":7})", R"({"token":"a\nb"})", R"({"toke":"a"})"})
    EXPECT_EQ(problem("POST", path() + "/token", body, 400), "invalid_argument") << body;
  EXPECT_FALSE(stored());
  id = add_integration();
  EXPECT_EQ(problem("POST", path() + "/token", R"({"token":"a"})", 409), "conflict") << "a consent brings it";
  EXPECT_EQ(problem("POST", "/api/v1/integrations/5/token", R"({"token":"a"})", 404), "not_found");
}

} // namespace
} // namespace penstock::gateway::testing
