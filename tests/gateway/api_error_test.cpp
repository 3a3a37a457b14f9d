#include "gateway/api_error.hpp"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

TEST(api_error, EveryCodeHasAStatus) {
  const std::pair<error_code, int> rows[] = {
    {error_code::network, 502},           {error_code::timed_out, 504},
    {error_code::rate_limited, 429},      {error_code::provider_unavailable, 502},
    {error_code::truncated_body, 502},    {error_code::unexpected_shape, 502},
    {error_code::requires_reauth, 409},   {error_code::forbidden, 502},
    {error_code::not_found, 404},         {error_code::invalid_argument, 400},
    {error_code::bad_configuration, 422}, {error_code::conflict, 409},
    {error_code::storage_busy, 503},      {error_code::storage_full, 503},
    {error_code::storage_failed, 500},    {error_code::crashed, 500},
    {error_code::cancelled, 409},         {error_code::unavailable, 503},
    {error_code::internal, 500},          {error_code::precondition_failed, 412},
    {error_code::key_reused, 422},
  };
  EXPECT_EQ(std::size(rows) + 1, static_cast<std::size_t>(error_code::code_count)) << "all but `none`";
  for (const auto& [code, status] : rows)
    EXPECT_EQ(status_of(code), status) << to_string(code);
}

TEST(api_error, DocumentHasCodeAndDetail) {
  const auto reply = error_reply({error_code::not_found, "there is no job 7"});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.headers.value_or("Content-Type", ""), "application/problem+json");
  EXPECT_EQ(reply.body, R"({"type":"about:blank","title":"Not Found","status":404,"detail":"there is no job 7",)"
                        R"("code":"not_found"})");
  EXPECT_FALSE(reply.headers.contains("Retry-After"));
}

TEST(api_error, RetryAfterIsInWholeSecondsAndNeverZero) {
  error what{error_code::unavailable, "busy"};
  EXPECT_EQ(error_reply(what).headers.value_or("Retry-After", ""), "1");
  what.retry_after = std::chrono::milliseconds(2100);
  EXPECT_EQ(error_reply(what).headers.value_or("Retry-After", ""), "3");
  what.retry_after = duration{0};
  EXPECT_EQ(error_reply(what).headers.value_or("Retry-After", ""), "1");
  EXPECT_EQ(error_reply({error_code::storage_full, "full"}).headers.value_or("Retry-After", ""), "30");
}

} // namespace
} // namespace penstock::gateway
