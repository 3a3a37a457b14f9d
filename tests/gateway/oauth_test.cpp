#include <boost/json/parse.hpp>

#include "net/pkce.hpp"
#include "net/query.hpp"
#include "net/url.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class oauth : public route_test {
protected:
  std::string link_of(const std::string& id) {
    const auto url = text_of(ask("POST", "/api/v1/integrations/" + id + "/authorize", "", 201).at("url"));
    return url.substr(std::string("https://penstock.test").size());
  }
  /// A browser, which has no token.
  net::http_reply open(const std::string& target) {
    net::http_server_request request;
    request.method = "GET";
    request.target = target;
    request.headers.add("Authorization", "");
    return send(std::move(request));
  }
  /// Follows the link to the provider and gives the `state` that came along.
  std::string state_after(const std::string& link) {
    const auto away = open(link);
    EXPECT_EQ(away.status, 302) << away.body;
    const auto address = net::parse_url(away.headers.value_or("Location", ""));
    EXPECT_TRUE(address);
    return address ? std::string(net::find_parameter(net::parse_query(address->query), "state").value_or("")) : "";
  }
  void provider_grants() {
    provider.expect({.method = "POST",
                     .where = "/token",
                     .answer = net::http_response{200,
                                                  {},
                                                  R"({"access_token":"at","refresh_token":"rt",)"
                                                  R"("expires_in":3600,"user_id":"user_1"})"},
                     .matches = [this](const net::http_request& request) {
                       form = net::parse_query(request.body);
                       return true;
                     }});
  }
  std::string sent(std::string_view name) { return std::string(net::find_parameter(form, name).value_or("")); }

  net::query_parameters form; ///< of the exchange
};

TEST_F(oauth, LinkLeadsToTheProviderAndBackAndTheFirstSyncBegins) {
  const auto id = add_integration();
  const auto link = link_of(id);
  const auto away = open(link);
  ASSERT_EQ(away.status, 302);
  const auto address = net::parse_url(away.headers.value_or("Location", ""));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->origin() + address->path, "http://provider.test/authorize");
  const auto query = net::parse_query(address->query);
  EXPECT_EQ(net::find_parameter(query, "redirect_uri"), "https://penstock.test/oauth/test/callback");
  EXPECT_EQ(net::find_parameter(query, "client_id"), "client");
  const auto state = std::string(net::find_parameter(query, "state").value_or(""));
  EXPECT_GE(state.size(), 43u);

  provider_grants();
  provider.reply("GET", "/page", 200, "one");
  const auto page = open("/oauth/test/callback?code=c-1&state=" + state);
  EXPECT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.headers.value_or("Content-Type", ""), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("Authorised"), std::string::npos);
  EXPECT_EQ(sent("code"), "c-1");
  EXPECT_EQ(sent("redirect_uri"), "https://penstock.test/oauth/test/callback");
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"page one"});
  const auto tokens = db().integrations().credential_of(integration_id{std::stoll(id)});
  ASSERT_TRUE(tokens && *tokens);
  EXPECT_EQ((*tokens)->access_token, "at");
  EXPECT_EQ((*tokens)->refresh_token, "rt");
  EXPECT_EQ((*tokens)->account, "user_1");
  EXPECT_EQ((*tokens)->access_expires_at, clock.now() + std::chrono::hours(1));
  EXPECT_EQ(text_of(ask("GET", "/api/v1/integrations/" + id).at("status")), "idle");
}

TEST_F(oauth, LinkWorksOnceAndForTenMinutes) {
  const auto id = add_integration();
  const auto link = link_of(id);
  EXPECT_EQ(open(link).status, 302);
  EXPECT_EQ(open(link).status, 403);
  const auto old = link_of(id);
  clock.advance(std::chrono::minutes(11));
  EXPECT_EQ(open(old).status, 403);
}

TEST_F(oauth, StartWithoutALinkIsRefused) {
  const auto id = add_integration();
  EXPECT_EQ(open("/oauth/test/start").status, 400);
  EXPECT_EQ(open("/oauth/test/start?integration=" + id).status, 403);
  EXPECT_EQ(open("/oauth/test/start?integration=" + id + "&link=guess").status, 403);
  EXPECT_EQ(open("/oauth/unknown/start?integration=" + id).status, 404);
  EXPECT_EQ(open("/oauth/unknown/callback?code=1&state=2").status, 404);
}

TEST_F(oauth, WhoSignedInNeedsNoLink) {
  const auto id = add_integration();
  const auto user = [&](const std::string& name, const std::string& role) {
    ask("POST", "/api/v1/users",
        R"({"name":")" + name + R"(","password":"correct horse battery","role":")" + role + "\"}", 201);
    const auto reply =
      send("POST", "/api/v1/session", R"({"name":")" + name + R"(","password":"correct horse battery"})");
    return std::string(
      reply.headers.value_or("Set-Cookie", "").substr(0, reply.headers.value_or("Set-Cookie", "").find(';')));
  };
  const auto open_with = [&](const std::string& cookie, const std::string& site, const std::string& target) {
    net::http_server_request request;
    request.method = "GET";
    request.target = target;
    request.headers.add("Cookie", cookie);
    request.headers.add("Sec-Fetch-Site", site);
    return send(std::move(request)).status;
  };
  const auto operator_cookie = user("hands", "operator"), viewer_cookie = user("eyes", "viewer");
  const auto start = "/oauth/test/start?integration=" + id;
  EXPECT_EQ(open_with(operator_cookie, "same-origin", start), 302);
  EXPECT_EQ(open_with(operator_cookie, "none", start), 302);
  EXPECT_EQ(open_with(operator_cookie, "cross-site", start), 403) << "another page sends people nowhere";
  EXPECT_EQ(open_with(viewer_cookie, "same-origin", start), 403);
  EXPECT_EQ(open_with(operator_cookie, "same-origin", "/oauth/test/start?integration=77"), 404);
  EXPECT_EQ(open_with(operator_cookie, "same-origin", start + "&link=guess"), 403);

  // What a session began ends in the same browser.
  const auto begin = [&] {
    net::http_server_request request;
    request.method = "GET";
    request.target = start;
    request.headers.add("Cookie", operator_cookie);
    request.headers.add("Sec-Fetch-Site", "same-origin");
    const auto address = net::parse_url(send(std::move(request)).headers.value_or("Location", ""));
    return std::string(net::find_parameter(net::parse_query(address->query), "state").value_or(""));
  };
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=" + begin()).status, 403);
  EXPECT_EQ(open_with(viewer_cookie, "cross-site", "/oauth/test/callback?code=c&state=" + begin()), 403);
  provider_grants();
  provider.reply("GET", "/page", 200, "one");
  EXPECT_EQ(open_with(operator_cookie, "cross-site", "/oauth/test/callback?code=c&state=" + begin()), 200);
}

class oauth_with_proof : public oauth {
protected:
  std::vector<connectors::connector> enabled_connectors() override {
    auto enabled = oauth::enabled_connectors();
    for (auto& each : enabled)
      for (auto& service : each.services)
        if (service.oauth)
          service.oauth->pkce = true;
    return enabled;
  }
};

TEST_F(oauth_with_proof, VerifierFitsTheChallengeAndOnlyTheTokenEndpointSeesIt) {
  const auto away = open(link_of(add_integration()));
  ASSERT_EQ(away.status, 302);
  const auto address = net::parse_url(away.headers.value_or("Location", ""));
  const auto query = net::parse_query(address->query);
  EXPECT_EQ(net::find_parameter(query, "code_challenge_method"), "S256");
  provider_grants();
  provider.reply("GET", "/page", 200, "one");
  const auto state = std::string(net::find_parameter(query, "state").value_or(""));
  EXPECT_EQ(open("/oauth/test/callback?code=c-1&state=" + state).status, 200);
  EXPECT_EQ(net::pkce_challenge(sent("code_verifier")), net::find_parameter(query, "code_challenge"));
  EXPECT_EQ(address->query.find(sent("code_verifier")), std::string::npos);
}

TEST_F(oauth, CallbackWithoutOurStateAsksNobody) {
  add_integration();
  EXPECT_EQ(open("/oauth/test/callback?code=c").status, 403);
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=guess").status, 403);
  EXPECT_TRUE(provider.requests().empty());
}

TEST_F(oauth, StateWorksOnce) {
  const auto state = state_after(link_of(add_integration()));
  provider_grants();
  provider.reply("GET", "/page", 200, "one");
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=" + state).status, 200);
  const auto asked = provider.requests().size();
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=" + state).status, 403);
  EXPECT_EQ(provider.requests().size(), asked);
}

TEST_F(oauth, RefusalIsShownAsTextNotMarkup) {
  const auto state = state_after(link_of(add_integration()));
  const auto page =
    open("/oauth/test/callback?error=access_denied&error_description=%3Cscript%3Ealert(1)%3C/script%3E&state=" + state);
  EXPECT_EQ(page.status, 400);
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;script&gt;"), std::string::npos);
  EXPECT_TRUE(provider.requests().empty());
}

TEST_F(oauth, CallbackWithoutACodeIsTold) {
  const auto state = state_after(link_of(add_integration()));
  EXPECT_EQ(open("/oauth/test/callback?state=" + state).status, 400);
}

TEST_F(oauth, FailedExchangeStoresNothingAndShowsNoSecret) {
  const auto id = add_integration();
  const auto state = state_after(link_of(id));
  provider.reply("POST", "/token", 401, R"({"error":"invalid_client"})");
  const auto page = open("/oauth/test/callback?code=c-secret&state=" + state);
  EXPECT_EQ(page.status, 422) << page.body;
  EXPECT_EQ(page.body.find("c-secret"), std::string::npos);
  const auto tokens = db().integrations().credential_of(integration_id{std::stoll(id)});
  ASSERT_TRUE(tokens);
  EXPECT_FALSE(*tokens);
}

TEST_F(oauth, IntegrationThatWentMeanwhileIsTold) {
  const auto id = add_integration();
  const auto state = state_after(link_of(id));
  EXPECT_EQ(send("DELETE", "/api/v1/integrations/" + id).status, 204);
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=" + state).status, 404);
  EXPECT_TRUE(provider.requests().empty()) << "a code is spent for nothing";
}

TEST_F(oauth, AdministratorOfTheOrganisationSeesWhoConsented) {
  const auto own = text_of(ask("POST", "/api/v1/organisations", R"({"name":"own"})", 201).at("id"));
  const auto id = add_integration(R"({"service":"test","organisation_id":")" + own + R"("})");
  const auto token = text_of(
    ask("POST", "/api/v1/tokens", R"({"name":"boss","role":"admin","organisation_id":")" + own + "\"}", 201)
      .at("token"));
  const auto state = state_after(link_of(id));
  provider_grants();
  provider.reply("GET", "/page", 200, "one");
  ASSERT_EQ(open("/oauth/test/callback?code=c&state=" + state).status, 200);
  net::http_server_request request;
  request.method = "GET";
  request.target = "/api/v1/audit";
  request.headers.add("Authorization", "Bearer " + token);
  const auto reply = send(std::move(request));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto audit = json::parse(reply.body);
  const auto& newest = audit.at("items").as_array().at(0);
  EXPECT_EQ(text_of(newest.at("action")), "GET /oauth/{service}/callback");
  EXPECT_EQ(text_of(newest.at("subject")), "/api/v1/integrations/" + id);
  EXPECT_EQ(text_of(newest.at("organisation_id")), own);
}

TEST_F(oauth, ConsentThatCannotBeNotedIsNotStored) {
  const auto id = add_integration();
  const auto state = state_after(link_of(id));
  provider_grants();
  fault = [](std::string_view call) -> std::optional<error> {
    return call == "note audit" ? std::optional(error{error_code::storage_full, "no room"}) : std::nullopt;
  };
  EXPECT_EQ(open("/oauth/test/callback?code=c&state=" + state).status, 503);
  fault = {};
  const auto tokens = db().integrations().credential_of(integration_id{std::stoll(id)});
  ASSERT_TRUE(tokens);
  EXPECT_FALSE(*tokens);
}

} // namespace
} // namespace penstock::gateway::testing
