#include "connectors/provider_refusal.hpp"

#include <gtest/gtest.h>

namespace penstock::connectors {
namespace {

net::http_response refused(int status, std::string body, net::http_headers headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

TEST(provider_refusal, TakesTheCodeAndNothingElseOfTheBody) {
  const auto problem = refusal_error(
    refused(400, R"({"code":"bad_request.missing_param.account_id","message":"token abc"})"), "Provider's things", {});
  EXPECT_EQ(problem.code, error_code::invalid_argument);
  EXPECT_EQ(problem.message,
            "Provider's things: the provider refused the request (HTTP 400 bad_request.missing_param.account_id)");
}

TEST(provider_refusal, ReadsOAuthErrorsToo) {
  EXPECT_EQ(read_refusal(refused(401, R"({"error":"invalid_token"})")).code, "invalid_token");
}

TEST(provider_refusal, RepeatsNothingThatDoesNotLookLikeACode) {
  for (const std::string body :
       {R"({"code":"eyJhbGciOiJIUzI1NiJ9"})", R"({"code":"Bearer abc"})", R"({"code":5})", R"(["code"])", "code", "",
        R"({"code":""})"})
    EXPECT_EQ(read_refusal(refused(401, body)).code, "") << body;
  EXPECT_EQ(read_refusal(refused(401, R"({"code":")" + std::string(81, 'a') + R"("})")).code, "");
}

TEST(provider_refusal, KeepsTheProvidersWishWhereItMayBeWaitedFor) {
  const duration wish = std::chrono::seconds(9);
  EXPECT_EQ(refusal_error(refused(429, "", {{"Retry-After", "9"}}), "x", {}).retry_after, wish);
  EXPECT_EQ(refusal_error(refused(503, "", {{"Retry-After", "9"}}), "x", {}).retry_after, wish);
  EXPECT_FALSE(refusal_error(refused(404, "", {{"Retry-After", "9"}}), "x", {}).retry_after);
}

TEST(provider_refusal, OnlyTwoHundredsAreAccepted) {
  EXPECT_TRUE(accept(refused(200, ""), "x", {}));
  EXPECT_TRUE(accept(refused(204, ""), "x", {}));
  for (const int status : {304, 302, 400, 500, 700})
    EXPECT_FALSE(accept(refused(status, ""), "x", {})) << status;
}

} // namespace
} // namespace penstock::connectors
