#include "net/oauth2.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"
#include "net/io_runtime.hpp"
#include "net/pkce.hpp"
#include "net/scripted_http_client.hpp"
#include "net/url.hpp"
#include "tests/net/run_here.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

oauth2_provider provider() {
  return {.authorize_url = "https://auth.example/login?theme=dark",
          .token_url = "https://api.example/oauth2/token",
          .client_id = "client 1",
          .client_secret = "s3cret&",
          .redirect_uri = "https://me.example/oauth/bank/callback",
          .scopes = {"accounts", "offline"},
          .extra = {{"prompt", "consent"}}};
}

class oauth2 : public ::testing::Test {
protected:
  result<token_grant> refresh() { return testing::run_here(client.refresh("refresh-token-0")); }
  error refresh_error(int status, std::string body, http_headers headers = {}) {
    http.reply("POST", "/oauth2/token", status, std::move(body), std::move(headers));
    const auto got = refresh();
    EXPECT_FALSE(got);
    const auto e = got ? error{} : got.error();
    for (const auto* secret : {"refresh-token-0", "s3cret", "leaked-token"})
      EXPECT_EQ(e.message.find(secret), std::string::npos) << e.message;
    return e;
  }

  scripted_http_client http;
  manual_clock clock;
  oauth2_client client{http, clock, provider()};
};

TEST_F(oauth2, AuthorizationAddressCarriesEverything) {
  const auto address = authorization_url(provider(), "st/ate", "challenge");
  ASSERT_TRUE(address);
  const auto parsed = parse_url(*address);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->origin() + parsed->path, "https://auth.example/login");
  EXPECT_EQ(parse_query(parsed->query), (query_parameters{{"theme", "dark"},
                                                          {"response_type", "code"},
                                                          {"client_id", "client 1"},
                                                          {"redirect_uri", "https://me.example/oauth/bank/callback"},
                                                          {"state", "st/ate"},
                                                          {"scope", "accounts offline"},
                                                          {"code_challenge", "challenge"},
                                                          {"code_challenge_method", "S256"},
                                                          {"prompt", "consent"}}));
}

TEST_F(oauth2, ClientAsksForATokenOfItsOwn) {
  http.reply("POST", "/oauth2/token", 200, R"({"access_token":"at","expires_in":3600,"token_type":"bearer"})");
  const auto grant = testing::run_here(client.ask_as_client());
  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->access_token, "at");
  EXPECT_EQ(grant->refresh_token, "");
  const auto sent = http.requests().front();
  EXPECT_FALSE(sent.headers.contains("Authorization"));
  EXPECT_EQ(parse_query(sent.body), (query_parameters{{"grant_type", "client_credentials"},
                                                      {"scope", "accounts offline"},
                                                      {"prompt", "consent"},
                                                      {"client_id", "client 1"},
                                                      {"client_secret", "s3cret&"}}));
}

TEST_F(oauth2, ClientIsShownByAHeaderWhereTheProviderWantsThat) {
  auto other = provider();
  other.basic_client = true;
  oauth2_client by_header{http, clock, other};
  http.reply("POST", "/oauth2/token", 200, R"({"access_token":"at"})");
  ASSERT_TRUE(testing::run_here(by_header.ask_as_client()));
  const auto sent = http.requests().front();
  EXPECT_EQ(sent.headers.value_or("Authorization", ""), "Basic Y2xpZW50JTIwMTpzM2NyZXQlMjY="); // client%201:s3cret%26
  EXPECT_EQ(
    parse_query(sent.body),
    (query_parameters{{"grant_type", "client_credentials"}, {"scope", "accounts offline"}, {"prompt", "consent"}}));
}

TEST_F(oauth2, WhatIsRefusedToTheClientNeedsNobodysConsent) {
  for (const auto& [status, body] : std::vector<std::pair<int, std::string>>{
         {401, "{}"}, {400, R"({"error":"invalid_grant"})"}, {401, R"({"error":"invalid_client"})"}, {403, "no"}}) {
    http.reply("POST", "/oauth2/token", status, body);
    const auto grant = testing::run_here(client.ask_as_client());
    ASSERT_FALSE(grant);
    EXPECT_NE(grant.error().code, error_code::requires_reauth) << body;
    EXPECT_EQ(grant.error().cls(), error_class::final) << body;
    EXPECT_EQ(grant.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(oauth2, AuthorizationAddressMustBeOne) {
  auto wrong = provider();
  wrong.authorize_url = "auth.example";
  EXPECT_EQ(authorization_url(wrong, "s").error().code, error_code::bad_configuration);
}

TEST_F(oauth2, CodeIsExchangedByAForm) {
  http.reply("POST", "/oauth2/token", 200,
             R"({"access_token":"at","client_id":"c","expires_in":21600,"refresh_token":"rt","token_type":"Bearer",)"
             R"("user_id":"user_1","consent":{"days":90}})");
  const auto grant = testing::run_here(client.exchange_code("the code", "verifier"));
  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->access_token, "at");
  EXPECT_EQ(grant->refresh_token, "rt");
  EXPECT_EQ(grant->expires_in, 6h);
  EXPECT_EQ(grant->token_type, "Bearer");
  EXPECT_EQ(grant->user_id, "user_1");
  EXPECT_EQ(grant->extra, (std::map<std::string, std::string>{{"client_id", "c"}, {"consent", R"({"days":90})"}}));

  const auto sent = http.requests().at(0);
  EXPECT_EQ(sent.headers.find("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_FALSE(sent.headers.contains("Authorization"));
  EXPECT_FALSE(sent.is_idempotent());
  EXPECT_TRUE(sent.fresh_connection);
  EXPECT_EQ(parse_query(sent.body), (query_parameters{{"grant_type", "authorization_code"},
                                                      {"redirect_uri", "https://me.example/oauth/bank/callback"},
                                                      {"code", "the code"},
                                                      {"code_verifier", "verifier"},
                                                      {"client_id", "client 1"},
                                                      {"client_secret", "s3cret&"}}));
}

TEST_F(oauth2, RefreshMayKeepTheOldRefreshToken) {
  http.reply("POST", "/oauth2/token", 200, R"({"access_token":"at2","expires_in":"60"})");
  const auto grant = refresh();
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->refresh_token, "");
  EXPECT_EQ(grant->expires_in, 60s);
  EXPECT_EQ(parse_query(http.requests().at(0).body).at(1),
            (std::pair<std::string, std::string>("refresh_token", "refresh-token-0")));
}

TEST_F(oauth2, LostGrantNeedsThePerson) {
  EXPECT_EQ(refresh_error(400, R"({"error":"invalid_grant","error_description":"leaked-token"})").code,
            error_code::requires_reauth);
  EXPECT_EQ(refresh_error(400, R"({"code":"bad_request.refresh_token.invalid","message":"x"})").code,
            error_code::requires_reauth);
  EXPECT_EQ(refresh_error(401, R"({"code":"bad_request.refresh_token.evicted"})").code, error_code::requires_reauth);
  EXPECT_EQ(refresh_error(401, "").code, error_code::requires_reauth);
}

TEST_F(oauth2, ProviderMayNameItsOwnCodes) {
  auto own = provider();
  own.reauth_codes = {"consent_ended"};
  oauth2_client other(http, clock, own);
  http.reply("POST", "", 400, R"({"error":"consent_ended"})");
  EXPECT_EQ(testing::run_here(other.refresh("r")).error().code, error_code::requires_reauth);
}

TEST_F(oauth2, RefusedClientIsBadConfiguration) {
  EXPECT_EQ(refresh_error(401, R"({"error":"invalid_client"})").code, error_code::bad_configuration);
}

TEST_F(oauth2, PassingTroubleKeepsItsCode) {
  EXPECT_EQ(refresh_error(503, R"({"error":"invalid_grant"})").code, error_code::provider_unavailable);
  const auto limited = refresh_error(429, "{}", {{"Retry-After", "7"}});
  EXPECT_EQ(limited.code, error_code::rate_limited);
  EXPECT_EQ(limited.retry_after, 7s);
  http.fail("POST", "", error_code::network);
  EXPECT_EQ(refresh().error().code, error_code::network);
  EXPECT_EQ(http.requests().size(), 3u) << "sent once each: the token may have been spent";
}

TEST_F(oauth2, BadAnswersAreToldApart) {
  EXPECT_EQ(refresh_error(200, R"({"access_token":"leaked-tok)").code, error_code::truncated_body);
  EXPECT_EQ(refresh_error(200, "").code, error_code::truncated_body);
  EXPECT_EQ(refresh_error(200, R"({"token":"leaked-token"})").code, error_code::unexpected_shape);
  EXPECT_EQ(refresh_error(200, R"(["leaked-token"])").code, error_code::unexpected_shape);
  EXPECT_EQ(refresh_error(400, R"({"error":"leaked-token refresh-token-0"})").code, error_code::invalid_argument);
}

// RFC 7636, appendix B.
TEST(pkce, ChallengeIsThatOfTheStandardsExample) {
  EXPECT_EQ(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(pkce, VerifiersAreLongAndDiffer) {
  const auto one = make_pkce_verifier();
  EXPECT_EQ(one.size(), 43u);
  EXPECT_EQ(one.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(one, make_pkce_verifier());
}

} // namespace
} // namespace penstock::net
