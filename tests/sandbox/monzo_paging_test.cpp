#include "tests/sandbox/small_sandbox.hpp"

#include "core/rfc3339.hpp"

namespace penstock::sandbox::testing {
namespace {

/// One account that is signed in.
class monzo_paging : public ::testing::Test {
protected:
  explicit monzo_paging(duration history = std::chrono::days(60)) : sandbox(with(history)) {
    token = sandbox.sign_in().access;
    account = account_ids(sandbox, token)[0];
  }
  static small_sandbox::setup with(duration history) {
    small_sandbox::setup out;
    out.data.accounts = 1;
    out.data.history = history;
    return out;
  }
  net::http_reply ask(const std::string& more) {
    return sandbox.get("/transactions?account_id=" + account + more, token);
  }
  json::array page(const std::string& more) { return transactions_of(ask(more)); }
  static std::string text(const json::value& item, std::string_view key) { return text_at(item.as_object(), key); }

  small_sandbox sandbox;
  std::string token, account;
};

TEST_F(monzo_paging, ThirtyIsTheUsualLimitAndAHundredTheLargest) {
  EXPECT_EQ(page("").size(), 30u);
  EXPECT_EQ(page("&limit=100").size(), 100u);
  EXPECT_EQ(page("&limit=1").size(), 1u);
  for (const auto* wrong : {"0", "101", "x", "-1"})
    EXPECT_EQ(code_of(ask(std::string("&limit=") + wrong)), "400 bad_request.bad_param.limit") << wrong;
}

TEST_F(monzo_paging, SinceAnIdGoesOnAfterIt) {
  const auto all = page("&limit=100");
  const auto next = page("&limit=50&since=" + text(all[49], "id"));
  ASSERT_EQ(next.size(), 50u);
  EXPECT_EQ(text(next[0], "id"), text(all[50], "id"));
  EXPECT_EQ(read_all(sandbox, token, account).size(), 250u);
}

TEST_F(monzo_paging, SinceTheLastIdGivesAnEmptyList) {
  const auto last = text_at(read_all(sandbox, token, account).back(), "id");
  EXPECT_EQ(ask("&since=" + last).body, R"({"transactions":[]})");
}

TEST_F(monzo_paging, SinceATimeCountsItInAndBeforeDoesNot) {
  const auto all = page("&limit=100");
  const auto from = text(all[10], "created"), to = text(all[20], "created");
  const auto part = page("&limit=100&since=" + from + "&before=" + to);
  ASSERT_EQ(part.size(), 10u);
  EXPECT_EQ(text(part.front(), "id"), text(all[10], "id"));
  EXPECT_EQ(text(part.back(), "id"), text(all[19], "id"));
}

TEST_F(monzo_paging, BeforeAloneStillStartsWithTheOldest) {
  const auto all = page("&limit=100");
  const auto part = page("&limit=5&before=" + text(all[50], "created"));
  ASSERT_EQ(part.size(), 5u);
  EXPECT_EQ(text(part.front(), "id"), text(all[0], "id"));
}

TEST_F(monzo_paging, BeforeIsNeverAnId) {
  const auto id = text(page("")[3], "id");
  EXPECT_EQ(code_of(ask("&before=" + id)), "400 bad_request.bad_param.before");
}

TEST_F(monzo_paging, UnknownThingsAreNamed) {
  EXPECT_EQ(code_of(ask("&since=tx_0000nobodyhasthisid")), "400 bad_request.bad_param.since");
  EXPECT_EQ(code_of(sandbox.get("/transactions", token)), "400 bad_request.missing_param.account_id");
  EXPECT_EQ(code_of(sandbox.get("/transactions?account_id=acc_0000", token)), "404 not_found.account");
  EXPECT_EQ(code_of(sandbox.get("/transactions/tx_0000", token)), "404 not_found.transaction");
  EXPECT_EQ(code_of(sandbox.get("/nothing", token)), "404 not_found");
  EXPECT_EQ(sandbox.ask("DELETE", "/monzo/accounts", {}, token).status, 405);
}

TEST_F(monzo_paging, OneTransactionIsFoundByItsId) {
  const auto third = page("")[2];
  const auto alone = object_of(sandbox.get("/transactions/" + text(third, "id"), token));
  EXPECT_EQ(alone.at("transaction"), third);
}

/// Two years of history.
class monzo_history : public monzo_paging {
protected:
  monzo_history() : monzo_paging(std::chrono::days(730)) {}
  static std::string ago(duration length) { return "&since=" + format_rfc3339(today - length); }
};

TEST_F(monzo_history, FreshConsentReachesAllOfItAYearAtATime) {
  EXPECT_EQ(code_of(ask("")), "400 bad_request.bad_param.time_range");
  EXPECT_EQ(code_of(ask(ago(std::chrono::days(366)))), "400 bad_request.bad_param.time_range");
  EXPECT_EQ(ask(ago(std::chrono::days(365))).status, 200);
  EXPECT_EQ(ask(ago(std::chrono::days(731)) + "&before=" + format_rfc3339(today - std::chrono::days(366))).status, 200);
}

TEST_F(monzo_history, AfterTheWindowNinetyDaysAreRefused) {
  sandbox.clock.advance(5min);
  const auto shift = std::chrono::minutes(5);
  EXPECT_EQ(ask(ago(std::chrono::days(89) - shift)).status, 200);
  EXPECT_EQ(code_of(ask(ago(std::chrono::days(90) - shift))), "403 forbidden.verification_required");
  EXPECT_EQ(code_of(ask("")), "403 forbidden.verification_required");
  EXPECT_EQ(sandbox.get("/balance?account_id=" + account, token).status, 200);
}

TEST_F(monzo_history, AnOldIdIsAnOldSince) {
  const auto old_one = page(ago(std::chrono::days(200)) + "&limit=1")[0];
  EXPECT_EQ(ask("&since=" + text(old_one, "id")).status, 200);
  sandbox.clock.advance(5min);
  EXPECT_EQ(code_of(ask("&since=" + text(old_one, "id"))), "403 forbidden.verification_required");
}

TEST_F(monzo_history, RefreshDoesNotReopenTheWindowAndConsentDoes) {
  const auto tokens = sandbox.sign_in({{"user", "user_1"}});
  sandbox.clock.advance(6min);
  const auto refreshed =
    object_of(sandbox.token_request({{"grant_type", "refresh_token"}, {"refresh_token", tokens.refresh}}));
  token = text_at(refreshed, "access_token");
  EXPECT_EQ(ask(ago(std::chrono::days(120))).status, 403);
  token = sandbox.sign_in({{"user", "user_1"}}).access;
  EXPECT_EQ(ask(ago(std::chrono::days(120))).status, 200);
}

} // namespace
} // namespace penstock::sandbox::testing
