#include "tests/sandbox/small_sandbox.hpp"

#include "net/url.hpp"

namespace penstock::sandbox::testing {
namespace {

net::http_reply refresh(small_sandbox& sandbox, const std::string& token) {
  return sandbox.token_request({{"grant_type", "refresh_token"}, {"refresh_token", token}});
}

TEST(sandbox_oauth, ConsentLeadsBackWithCodeAndState) {
  small_sandbox sandbox;
  const auto reply = sandbox.get(
    "/monzo/?client_id=c&response_type=code&state=a%20b&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcb%3Fx%3D1");
  EXPECT_EQ(reply.status, 302);
  const auto back = net::parse_url(reply.headers.value_or("Location", ""));
  ASSERT_TRUE(back);
  const auto query = net::parse_query(back->query);
  EXPECT_EQ(back->origin() + back->path, "http://127.0.0.1:9/cb");
  EXPECT_EQ(net::find_parameter(query, "x"), "1");
  EXPECT_EQ(net::find_parameter(query, "state"), "a b");
  EXPECT_NE(net::find_parameter(query, "code").value_or(""), "");
}

TEST(sandbox_oauth, ManualConsentShowsButtonsAndCanBeDenied) {
  small_sandbox sandbox({.asks_for_consent = true});
  const std::string query = "?client_id=c&response_type=code&state=s&redirect_uri=http%3A%2F%2Fx.example%2Fcb";
  const auto page = sandbox.get("/monzo/authorize" + query);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("decision=approve&amp;user=user_2"), std::string::npos) << page.body;
  const auto denied = sandbox.get("/monzo/authorize" + query + "&decision=deny");
  EXPECT_EQ(denied.headers.value_or("Location", ""), "http://x.example/cb?error=access_denied&state=s");
  EXPECT_EQ(sandbox.get("/monzo/authorize" + query + "&decision=approve").status, 302);
}

TEST(sandbox_oauth, ConsentWithoutRedirectIsRefused) {
  small_sandbox sandbox;
  EXPECT_EQ(sandbox.get("/monzo/authorize?client_id=c&response_type=code").status, 400);
}

TEST(sandbox_oauth, CodeGivesTokensAsDocumented) {
  small_sandbox sandbox;
  const auto reply = sandbox.token_request({{"grant_type", "authorization_code"}, {"code", sandbox.consent()}});
  const auto body = object_of(reply);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(text_at(body, "client_id"), "client");
  EXPECT_EQ(text_at(body, "token_type"), "Bearer");
  EXPECT_EQ(text_at(body, "user_id"), "user_1");
  EXPECT_EQ(body.at("expires_in").as_int64(), 21600);
  EXPECT_EQ(sandbox.get("/monzo/accounts", text_at(body, "access_token")).status, 200);
}

TEST(sandbox_oauth, CodeIsGoodOnceAndForAWhile) {
  small_sandbox sandbox;
  const auto code = sandbox.consent();
  EXPECT_EQ(sandbox.token_request({{"grant_type", "authorization_code"}, {"code", code}}).status, 200);
  EXPECT_EQ(code_of(sandbox.token_request({{"grant_type", "authorization_code"}, {"code", code}})),
            "400 bad_request.authorization_code.invalid");
  const auto late = sandbox.consent();
  sandbox.clock.advance(10min);
  EXPECT_EQ(code_of(sandbox.token_request({{"grant_type", "authorization_code"}, {"code", late}})),
            "400 bad_request.authorization_code.expired");
}

TEST(sandbox_oauth, CodeBelongsToItsRedirectUri) {
  small_sandbox sandbox;
  const auto code = sandbox.consent();
  EXPECT_EQ(code_of(sandbox.token_request(
              {{"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", "http://elsewhere.example/"}})),
            "400 bad_request.authorization_code.invalid");
}

TEST(sandbox_oauth, WrongSecretIsRefused) {
  small_sandbox sandbox;
  const auto tokens = sandbox.sign_in();
  const auto reply = sandbox.token_request(
    {{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}, {"client_secret", "another"}});
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(text_at(object_of(reply), "error"), "invalid_client");
  EXPECT_EQ(refresh(sandbox, tokens.refresh).status, 200) << "the refused request must not spend the token";
}

TEST(sandbox_oauth, ConfiguredClientIsTheOnlyOne) {
  small_sandbox sandbox({.oauth = {.client_id = "ours", .client_secret = "ours too"}});
  EXPECT_EQ(sandbox.token_request({{"grant_type", "authorization_code"}, {"code", sandbox.consent()}}).status, 401);
}

TEST(sandbox_oauth, RefreshRotatesBothTokensAndEvictsTheOldOnes) {
  small_sandbox sandbox;
  const auto first = sandbox.sign_in();
  const auto second = object_of(refresh(sandbox, first.refresh));
  EXPECT_NE(text_at(second, "refresh_token"), first.refresh);
  EXPECT_EQ(sandbox.get("/monzo/accounts", text_at(second, "access_token")).status, 200);
  const auto evicted = sandbox.get("/monzo/accounts", first.access);
  EXPECT_EQ(code_of(evicted), "401 unauthorized.bad_access_token.evicted");
  EXPECT_EQ(text_at(object_of(evicted), "error"), "invalid_token");
  EXPECT_EQ(code_of(refresh(sandbox, first.refresh)), "400 bad_request.refresh_token.evicted");
}

TEST(sandbox_oauth, RefreshTokenThatNobodyGaveIsInvalid) {
  small_sandbox sandbox;
  const auto tokens = sandbox.sign_in();
  EXPECT_EQ(code_of(refresh(sandbox, "made up")), "400 bad_request.refresh_token.invalid");
  EXPECT_EQ(code_of(refresh(sandbox, tokens.access)), "400 bad_request.refresh_token.invalid");
  auto forged = tokens.refresh;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(code_of(refresh(sandbox, forged)), "400 bad_request.refresh_token.invalid");
}

TEST(sandbox_oauth, AccessTokenExpiresWithTimeOrWhenTold) {
  small_sandbox sandbox({.oauth = {.token_lifetime = 1h}});
  auto tokens = sandbox.sign_in();
  sandbox.clock.advance(1h);
  const auto expired = sandbox.get("/monzo/accounts", tokens.access);
  EXPECT_EQ(code_of(expired), "401 unauthorized.bad_access_token.expired");
  const auto fresh = text_at(object_of(refresh(sandbox, tokens.refresh)), "access_token");
  EXPECT_EQ(sandbox.get("/monzo/accounts", fresh).status, 200);
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/expire-tokens").body, R"({"connections":1})");
  EXPECT_EQ(code_of(sandbox.get("/monzo/accounts", fresh)), "401 unauthorized.bad_access_token.expired");
}

TEST(sandbox_oauth, StaleTokenOnTheTokenEndpointIsRefusedAndSpendsNothing) {
  small_sandbox sandbox;
  const auto tokens = sandbox.sign_in();
  sandbox.ask("POST", "/sandbox/expire-tokens");
  const net::query_parameters form{{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}};
  EXPECT_EQ(code_of(sandbox.token_request(form, tokens.access)), "401 unauthorized.bad_access_token.expired");
  EXPECT_EQ(sandbox.token_request(form).status, 200);
}

TEST(sandbox_oauth, RevokedConnectionNeedsANewConsentWhichGivesTheSameUserBack) {
  small_sandbox sandbox;
  const auto first = sandbox.sign_in(), second = sandbox.sign_in();
  EXPECT_EQ(first.user, "user_1");
  EXPECT_EQ(second.user, "user_2");
  sandbox.ask("POST", "/sandbox/revoke", R"({"user":"user_1"})");
  EXPECT_EQ(code_of(sandbox.get("/monzo/accounts", first.access)), "401 unauthorized.bad_access_token");
  EXPECT_EQ(code_of(refresh(sandbox, first.refresh)), "400 bad_request.refresh_token.invalid");
  EXPECT_EQ(sandbox.get("/monzo/accounts", second.access).status, 200);
  EXPECT_EQ(sandbox.sign_in().user, "user_1");
}

TEST(sandbox_oauth, UserCanBeChosenAndASecondConnectionEvictsTheFirst) {
  small_sandbox sandbox;
  const auto first = sandbox.sign_in({{"user", "user_5"}});
  EXPECT_EQ(first.user, "user_5");
  const auto again = sandbox.sign_in({{"user", "5"}});
  EXPECT_EQ(code_of(sandbox.get("/monzo/accounts", first.access)), "401 unauthorized.bad_access_token.evicted");
  EXPECT_EQ(sandbox.get("/monzo/accounts", again.access).status, 200);
}

TEST(sandbox_oauth, ConsentsThatAreOnTheirWayGetUsersOfTheirOwn) {
  small_sandbox sandbox;
  const auto one = sandbox.consent(), two = sandbox.consent();
  const auto user_of = [&](const std::string& code) {
    return text_at(object_of(sandbox.token_request({{"grant_type", "authorization_code"}, {"code", code}})), "user_id");
  };
  EXPECT_EQ(user_of(two), "user_2");
  EXPECT_EQ(user_of(one), "user_1");
}

TEST(sandbox_oauth, WithLimitedUsersTheOldestConsentIsReplaced) {
  small_sandbox sandbox({.oauth = {.users = 2}});
  for (const auto* expected : {"user_1", "user_2", "user_1", "user_2"}) {
    EXPECT_EQ(sandbox.sign_in().user, expected);
    sandbox.clock.advance(1s);
  }
}

TEST(sandbox_oauth, TokenHasNoRightsUntilItIsApprovedInTheApp) {
  small_sandbox sandbox({.oauth = {.approval_delay = 1min}});
  const auto tokens = sandbox.sign_in();
  EXPECT_EQ(code_of(sandbox.get("/monzo/accounts", tokens.access)), "403 forbidden.insufficient_permissions");
  EXPECT_EQ(sandbox.get("/monzo/ping/whoami", tokens.access).status, 200);
  sandbox.clock.advance(1min);
  EXPECT_EQ(sandbox.get("/monzo/accounts", tokens.access).status, 200);
}

TEST(sandbox_oauth, ApprovalCanBeGivenByHand) {
  small_sandbox sandbox({.oauth = {.approval_delay = 24h}});
  const auto tokens = sandbox.sign_in();
  EXPECT_EQ(sandbox.ask("POST", "/sandbox/approve").body, R"({"connections":1})");
  EXPECT_EQ(sandbox.get("/monzo/accounts", tokens.access).status, 200);
}

TEST(sandbox_oauth, WhoamiAndLogout) {
  small_sandbox sandbox;
  const auto tokens = sandbox.sign_in();
  EXPECT_EQ(sandbox.get("/monzo/ping/whoami", tokens.access).body,
            R"({"authenticated":true,"client_id":"client","user_id":"user_1"})");
  EXPECT_EQ(sandbox.ask("POST", "/monzo/oauth2/logout", {}, tokens.access).body, "{}");
  EXPECT_EQ(sandbox.get("/monzo/ping/whoami", tokens.access).status, 401);
}

TEST(sandbox_oauth, RestartedSandboxKnowsItsTokensAgain) {
  std::string access, refresh_token, spent;
  {
    small_sandbox before;
    const auto tokens = before.sign_in({{"user", "user_3"}});
    spent = tokens.refresh;
    const auto next = object_of(refresh(before, tokens.refresh));
    access = text_at(next, "access_token");
    refresh_token = text_at(next, "refresh_token");
  }
  small_sandbox after;
  EXPECT_EQ(after.get("/monzo/accounts", access).status, 200);
  EXPECT_EQ(code_of(refresh(after, spent)), "400 bad_request.refresh_token.evicted");
  EXPECT_EQ(text_at(object_of(refresh(after, refresh_token)), "user_id"), "user_3");
  EXPECT_EQ(code_of(after.get("/monzo/accounts", access)), "401 unauthorized.bad_access_token.evicted");
  small_sandbox other({.oauth = {.seed = 2}});
  EXPECT_EQ(code_of(other.get("/monzo/accounts", access)), "401 unauthorized.bad_access_token");
}

TEST(sandbox_oauth, CountsWhatHappened) {
  small_sandbox sandbox;
  const auto tokens = sandbox.sign_in();
  refresh(sandbox, tokens.refresh);
  refresh(sandbox, tokens.refresh);
  const auto stats = object_of(sandbox.get("/sandbox/stats"));
  EXPECT_EQ(json::serialize(stats.at("monzo").at("oauth")),
            R"({"consents":1,"codes_exchanged":1,"refreshes":1,"client_grants":0,"refused":1})");
  EXPECT_EQ(json::serialize(stats.at("requests").at("monzo POST /oauth2/token")), R"({"200":2,"400":1})");
}

} // namespace
} // namespace penstock::sandbox::testing
