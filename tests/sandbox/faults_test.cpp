#include "tests/sandbox/small_sandbox.hpp"

#include "net/http_date.hpp"

namespace penstock::sandbox::testing {
namespace {

class sandbox_faults : public ::testing::Test {
protected:
  sandbox_faults() {
    tokens = sandbox.sign_in();
    account = account_ids(sandbox, tokens.access)[0];
  }
  net::http_reply with(const std::string& faults) {
    const auto set = sandbox.ask("POST", "/sandbox/faults", faults);
    EXPECT_EQ(set.status, 200) << set.body;
    return sandbox.get("/monzo/transactions?limit=100&account_id=" + account, tokens.access);
  }

  small_sandbox sandbox;
  small_sandbox::tokens tokens;
  std::string account;
};

TEST_F(sandbox_faults, ErrorTakesThePlaceOfTheAnswer) {
  EXPECT_EQ(with(R"({"error_500":1})").status, 500);
  EXPECT_EQ(sandbox.ask("DELETE", "/sandbox/faults").body, "{}");
  EXPECT_EQ(with("{}").status, 200);
}

TEST_F(sandbox_faults, RateLimitComesWithAndWithoutRetryAfter) {
  const auto limited = with(R"({"rate_limited":{"delay":"3s"}})");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.value_or("Retry-After", ""), "3");
  const auto bare = with(R"({"rate_limited":0,"rate_limited_bare":1})");
  EXPECT_EQ(bare.status, 429);
  EXPECT_FALSE(bare.headers.contains("Retry-After"));
}

TEST_F(sandbox_faults, ConnectionsAndBodiesAreCut) {
  EXPECT_TRUE(with(R"({"dropped":1})").cut.value().before_head);
  const auto midway = with(R"({"dropped":0,"dropped_midway":1})");
  EXPECT_FALSE(midway.cut.value().before_head);
  EXPECT_EQ(midway.cut->body_bytes, 0u);
  const auto truncated = with(R"({"dropped_midway":0,"truncated":1})");
  EXPECT_EQ(truncated.cut.value().body_bytes, truncated.body.size() / 2);
}

TEST_F(sandbox_faults, MalformedIsJsonOfAnotherShape) {
  EXPECT_EQ(with(R"({"malformed":1})").body, R"({"transactions":"oops"})");
}

TEST_F(sandbox_faults, LatencyAndItsOptionAddUp) {
  small_sandbox slow({.latency = 20ms});
  const auto token = slow.sign_in().access;
  slow.ask("POST", "/sandbox/faults", R"({"latency":{"delay":"200ms"}})");
  static_cast<void>(slow.get("/monzo/accounts", token));
  EXPECT_EQ(slow.sleeper.slept().back(), 220ms);
  static_cast<void>(slow.get("/sandbox/totals"));
  EXPECT_EQ(slow.sleeper.slept().back(), 220ms) << "the sandbox's own routes do not wait";
}

TEST_F(sandbox_faults, ExpiredTokenIsMendedByARefresh) {
  const auto expired = with(R"({"expired_token":{"times":1}})");
  EXPECT_EQ(code_of(expired), "401 unauthorized.bad_access_token.expired");
  const auto next = sandbox.token_request({{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}});
  EXPECT_EQ(sandbox.get("/monzo/accounts", text_at(object_of(next), "access_token")).status, 200);
}

TEST_F(sandbox_faults, RevokedTokenNeedsAConsent) {
  EXPECT_EQ(code_of(with(R"({"revoked_token":{"times":1}})")), "401 unauthorized.bad_access_token");
  EXPECT_EQ(code_of(sandbox.token_request({{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}})),
            "400 bad_request.refresh_token.invalid");
}

TEST_F(sandbox_faults, ClockSkewMovesTheDateHeader) {
  const auto date = [](const net::http_reply& reply) {
    return net::parse_http_date(reply.headers.value_or("Date", ""), today).value_or(no_time);
  };
  EXPECT_EQ(date(with("{}")), today);
  EXPECT_EQ(date(with(R"({"clock_skew":{"skew":"15m"}})")), today + 15min);
  sandbox.ask("DELETE", "/sandbox/faults");
  sandbox.ask("POST", "/sandbox/clock", R"({"advance":"-5m"})");
  EXPECT_EQ(date(with("{}")), today - 5min);
}

TEST_F(sandbox_faults, ConsentAndTokensAreSparedUnlessTheyAreNamed) {
  with(R"({"error_500":1})");
  EXPECT_EQ(sandbox.sign_in().user, "user_2");
  sandbox.ask("POST", "/sandbox/faults", R"({"error_500":{"rate":1,"path":"/oauth2/token"}})");
  EXPECT_EQ(sandbox.token_request({{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}}).status, 500);
  EXPECT_EQ(sandbox.get("/monzo/accounts", tokens.access).status, 200);
}

TEST_F(sandbox_faults, DroppedAnswerOfTheTokenEndpointSpentTheToken) {
  sandbox.ask("POST", "/sandbox/faults", R"({"dropped":{"path":"/oauth2/token","times":1}})");
  const net::query_parameters form{{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}};
  EXPECT_TRUE(sandbox.token_request(form).cut);
  EXPECT_EQ(code_of(sandbox.token_request(form)), "400 bad_request.refresh_token.evicted");
}

TEST_F(sandbox_faults, WrongShapePageIsOneHundredOfOneAccount) {
  const auto second = account_ids(sandbox, tokens.access)[1];
  const auto first_page = with(R"({"wrong_shape_page":{"account":")" + account + R"(","page":2}})");
  const auto list = transactions_of(first_page);
  const auto page_after = [&](std::size_t place, const std::string& limit) {
    return sandbox
      .get("/monzo/transactions?limit=" + limit + "&account_id=" + account +
             "&since=" + text_at(list[place].as_object(), "id"),
           tokens.access)
      .body;
  };
  EXPECT_EQ(page_after(99, "100"), R"({"transactions":"oops"})");
  EXPECT_EQ(page_after(89, "30"), R"({"transactions":"oops"})") << "any answer that would hold the page's first";
  EXPECT_NE(page_after(89, "10"), R"({"transactions":"oops"})");
  EXPECT_EQ(read_all(sandbox, tokens.access, second).size(), 250u);
  sandbox.ask("DELETE", "/sandbox/faults");
  EXPECT_EQ(read_all(sandbox, tokens.access, account).size(), 250u);
}

TEST_F(sandbox_faults, RatesAreMetAndCounted) {
  sandbox.ask("POST", "/sandbox/faults", R"({"error_500":0.05,"rate_limited":0.05})");
  int failed = 0, limited = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto status = sandbox.get("/monzo/accounts", tokens.access).status;
    failed += status == 500;
    limited += status == 429;
  }
  EXPECT_NEAR(failed, 100, 40);
  EXPECT_NEAR(limited, 95, 40);
  const auto shown = object_of(sandbox.get("/sandbox/faults"));
  EXPECT_EQ(shown.at("error_500").at("struck").as_int64(), failed);
}

TEST_F(sandbox_faults, WrongPlansChangeNothingAndSayWhy) {
  for (const auto* body : {R"({"error_500":1,"eror_500":1})", R"({"error_500":2})", R"({"latency":{"delay":3}})",
                           R"({"error_500":{"rat":1}})", R"({"wrong_shape_page":{"page":1}})", R"({"dropped":"x"})"})
    EXPECT_EQ(sandbox.ask("POST", "/sandbox/faults", body).status, 400) << body;
  EXPECT_EQ(sandbox.get("/sandbox/faults").body, "{}");
  EXPECT_NE(sandbox.ask("POST", "/sandbox/faults", R"({"eror_500":1})").body.find("error_500"), std::string::npos);
}

TEST(fault_plan, ReadsTheCommandLinesForm) {
  fault_plan plan(1);
  EXPECT_TRUE(plan.set("error_500=1"));
  EXPECT_EQ(plan.strike_for("/x", false).kind, fault_kind::error_500);
  EXPECT_FALSE(plan.set("error_500"));
  EXPECT_FALSE(plan.set("error_500=often"));
  EXPECT_FALSE(plan.set("error_500=1.5"));
}

TEST(fault_plan, SameSeedStrikesTheSameRequests) {
  const auto strikes = [](std::uint64_t seed) {
    fault_plan plan(seed);
    EXPECT_TRUE(plan.set("error_500=0.3"));
    std::string out;
    for (int i = 0; i < 64; ++i)
      out += plan.strike_for("/x", false).kind ? '1' : '0';
    return out;
  };
  EXPECT_EQ(strikes(5), strikes(5));
  EXPECT_NE(strikes(5), strikes(6));
}

} // namespace
} // namespace penstock::sandbox::testing
