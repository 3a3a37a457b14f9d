#include "net/provider_status.hpp"

#include <gtest/gtest.h>

#include "net/problem.hpp"
#include "net/url_redaction.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

TEST(provider_status, EachStatusHasItsCode) {
  for (const int good : {200, 201, 204, 299, 304})
    EXPECT_EQ(code_of_status(good), std::nullopt) << good;
  EXPECT_EQ(code_of_status(401), error_code::requires_reauth);
  EXPECT_EQ(code_of_status(403), error_code::forbidden);
  EXPECT_EQ(code_of_status(404), error_code::not_found);
  EXPECT_EQ(code_of_status(408), error_code::timed_out);
  EXPECT_EQ(code_of_status(425), error_code::timed_out);
  EXPECT_EQ(code_of_status(429), error_code::rate_limited);
  for (const int server : {500, 502, 503, 504, 599})
    EXPECT_EQ(code_of_status(server), error_code::provider_unavailable) << server;
  for (const int refused : {302, 400, 405, 409, 422, 451})
    EXPECT_EQ(code_of_status(refused), error_code::invalid_argument) << refused;
  EXPECT_EQ(code_of_status(101), error_code::unexpected_shape);
}

TEST(provider_status, ClassesAreThoseOfTheEngine) {
  for (const int status : {408, 425, 429, 500, 503})
    EXPECT_NE(classify(*code_of_status(status)), error_class::final) << status;
  for (const int status : {400, 401, 403, 404, 422})
    EXPECT_EQ(classify(*code_of_status(status)), error_class::final) << status;
}

TEST(provider_status, MessageNamesTheCallWithoutItsQuery) {
  http_request request;
  request.url = "https://u:p@api.example/accounts?token=hunter2";
  const auto e = provider_error(request, {429, {{"Retry-After", "9"}}, "body hunter2"}, timestamp{});
  ASSERT_TRUE(e);
  EXPECT_EQ(e->message, "GET https://api.example/accounts was answered 429 Too Many Requests");
  EXPECT_EQ(e->retry_after, 9s);
}

TEST(provider_status, RedirectIsFinalAndSaysThatItIsNotFollowed) {
  http_request request;
  request.url = "https://api.example/accounts";
  for (const int status : {301, 302, 303, 307, 308}) {
    const auto e =
      provider_error(request, {status, {{"Location", "https://elsewhere.example/?secret"}}, ""}, timestamp{});
    ASSERT_TRUE(e);
    EXPECT_EQ(e->cls(), error_class::final);
    EXPECT_NE(e->message.find("redirects are not followed"), std::string::npos);
    EXPECT_EQ(e->message.find("secret"), std::string::npos);
  }
}

TEST(url_redaction, SecretsInAddressesAreHidden) {
  EXPECT_EQ(redact_url("https://me:pw@h/a?page=2&access_token=abc&API_KEY=x&code=1#frag"),
            "https://h/a?page=2&access_token=…&API_KEY=…&code=…");
  EXPECT_EQ(redact_url("https://h/a?since=2026&limit=5&flag"), "https://h/a?since=2026&limit=5&flag");
  EXPECT_EQ(redact_url("https://h/a?access%5Ftoken=abc&%zz=abc"), "https://h/a?access%5Ftoken=…&%zz=…");
  EXPECT_EQ(redact_url("not a url with hunter2"), "(unreadable URL)");
}

TEST(url_redaction, SecretNamesAreKnown) {
  for (const auto* name : {"token", "refresh_token", "client_secret", "client_assertion", "Password", "X-Api-Key",
                           "key", "sig", "state", "code"})
    EXPECT_TRUE(is_secret_name(name)) << name;
  for (const auto* name : {"page", "cursor", "since", "country_code", "keyword"})
    EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(problem, IsARfc9457Document) {
  const auto reply = problem_reply({.status = 404, .code = "not_found", .detail = "no \"job\" 12"});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.headers.find("content-type"), "application/problem+json");
  EXPECT_EQ(reply.body,
            R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no \"job\" 12","code":"not_found"})");
}

} // namespace
} // namespace penstock::net
