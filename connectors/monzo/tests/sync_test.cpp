// Whole runs of the connector against a small Monzo.
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

#include <boost/json.hpp>

#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tests/sync_fixture.hpp"

namespace penstock::connectors::monzo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::provider_stand_in;

TEST_F(monzo_sync, FirstSyncReadsAllHistoryInWindowsOfAYear) {
  for (int i = 0; i < 5; ++i)
    add("tx_" + std::to_string(i), today - days{1300} + days{i * 250});
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_0", "tx_1", "tx_2", "tx_3", "tx_4"));
  EXPECT_EQ(sinces().front(), "2022-06-01T00:00:00Z");
  EXPECT_EQ(values("before").front(), "2023-05-31T00:00:00Z");
  EXPECT_EQ(values("before").back(), "") << "the last window reaches the present";
  EXPECT_THAT(cursor().cursor, ::testing::Not(HasSubstr("history")));
}

TEST_F(monzo_sync, PendingTransactionIsSeenToSettleHoweverOldWithinWhatMonzoGives) {
  add("tx_old", today - days{60}, false);
  add("tx_new", today - days{1});
  EXPECT_TRUE(run().clean());
  const auto pending = "SELECT is_pending FROM monzo_transactions WHERE source_id = 'tx_old'";
  EXPECT_EQ(driver.tables.select(pending).rows.front().front(), column_value(std::int64_t{1}));

  auto& old = bank.transactions["acc_1"].front();
  old.settled = true;
  old.amount = -120;
  old.updated = today;
  const auto report = run();
  EXPECT_EQ(sinces().front(), format_rfc3339(today - days{60} - std::chrono::seconds{1}));
  EXPECT_EQ(report.rows.updated, 1);
  EXPECT_EQ(report.rows.unchanged, 3) << "the account, its balance and tx_new";
  EXPECT_EQ(driver.tables.select(pending).rows.front().front(), column_value(std::int64_t{0}));
  run();
  EXPECT_EQ(sinces().front(), format_rfc3339(today - days{15})) << "nothing is pending any more";
}

TEST_F(monzo_sync, AQuietAccountThatIsWatchedLeavesNoGap) {
  add("tx_1", today - days{10});
  EXPECT_TRUE(run().clean());
  for (int i = 0; i < 4; ++i) {
    driver.clock.advance(days{40});
    bank.now = driver.clock.now();
    EXPECT_TRUE(run().clean());
  }
  EXPECT_THAT(cursor().gap, IsEmpty());
  EXPECT_THAT(cursor().cursor, HasSubstr("\"seen_whole\":\"" + format_rfc3339(driver.clock.now()) + "\""));
  const auto before = cursor();
  driver.clock.advance(hours{1});
  EXPECT_FALSE(run().rows.changed());
  EXPECT_EQ(times_asked("/transactions"), 1u) << "one page without anything new";
  EXPECT_EQ(cursor().cursor, before.cursor);
  EXPECT_EQ(cursor().run, before.run) << "nothing is stored for it";
}

TEST_F(monzo_sync, RefusedHistoryKeepsWhatItGotMarksTheGapAndGoesOn) {
  add("tx_a", today - days{1200});
  add("tx_b", today - days{1100});
  add("tx_lost", today - days{200});
  add("tx_c", today - days{20});
  // The five minutes are over after the first page.
  disturb_transactions(2, [this](const net::http_request& request, const testing::answer_function&) {
    auto later = bank;
    later.whole_history = false;
    return result<net::http_response>(later.answer(request));
  });
  const auto report = run();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_a", "tx_b", "tx_c"));
  EXPECT_THAT(cursor().gap, HasSubstr(format_rfc3339(today - days{1100}) + " to " + format_rfc3339(today - days{89})));
  bank.whole_history = false;
  add("tx_d", today - hours{1});
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_a", "tx_b", "tx_c", "tx_d"));
}

TEST_F(monzo_sync, RefusedHistoryOfAnEmptyAccountIsNotedOnceAndTheNextRunIsIncremental) {
  bank.whole_history = false;
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(cursor().gap, HasSubstr("2022-06-01T00:00:00Z to "));
  EXPECT_THAT(cursor().cursor, ::testing::Not(HasSubstr("history")));
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(times_asked("/transactions"), 1u) << "nothing is refused any more";
}

TEST_F(monzo_sync, ConsentThatIsRefusedAltogetherNeedsAPersonAndDoesNotLoop) {
  disturb_transactions(1, [](const net::http_request&, const testing::answer_function&) {
    return result<net::http_response>(testing::answer(403, R"({"code":"forbidden.verification_required"})"));
  });
  const auto report = run();
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, error_code::requires_reauth);
  EXPECT_EQ(times_asked("/transactions"), 2u) << "history, and the last 89 days";
}

TEST_F(monzo_sync, FirstSyncThatBreaksOffGoesOnWhereItStopped) {
  for (int i = 0; i < 6; ++i)
    add("tx_" + std::to_string(i), today - days{700} + days{i});
  disturb_transactions(3, [](const net::http_request&, const testing::answer_function&) {
    return result<net::http_response>(failure(error_code::network, "gone"));
  });
  EXPECT_EQ(run().jobs_failed, 1u);
  const auto stored = stored_ids();
  EXPECT_LT(stored.size(), 6u);
  EXPECT_THAT(cursor().cursor, HasSubstr(R"("history":true)"));
  disturb_nothing();
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(stored_ids().size(), 6u);
  EXPECT_EQ(sinces().front(), stored.back());
}

TEST_F(monzo_sync, FullPageThatDoesNotGoOnFailsInsteadOfLooping) {
  add("tx_1", today - days{2});
  add("tx_2", today - days{1});
  disturb_transactions(1, [this](const net::http_request& request, const testing::answer_function&) {
    auto always_first = request;
    always_first.url = "https://api.monzo.example/transactions?account_id=acc_1&since=2026-02-01T00:00:00Z&limit=2&"
                       "expand[]=merchant";
    return result<net::http_response>(bank.answer(always_first));
  });
  const auto report = run();
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, error_code::unexpected_shape);
  EXPECT_EQ(times_asked("/transactions"), 2u) << "the page, and the same page again";
  EXPECT_EQ(stored_ids().size(), 2u) << "what came stays";
}

TEST_F(monzo_sync, EachAccountIsAStreamOfItsOwnAlsoAClosedOne) {
  bank.accounts.push_back(account_json("acc_2", "2026-01-01T00:00:00Z", true));
  bank.transactions["acc_2"] = {{.id = "tx_of_2", .created = today - days{30}}};
  add("tx_of_1", today - days{3});
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_of_2", "tx_of_1"));
  EXPECT_EQ(driver.cursors.count("transactions/acc_2"), 1u);
  const auto closed = driver.tables.select("SELECT source_id FROM monzo_accounts WHERE is_closed = 1");
  ASSERT_EQ(closed.rows.size(), 1u);
}

TEST_F(monzo_sync, OneStreamThatFailsLeavesTheOthersAlone) {
  bank.accounts.push_back(account_json("acc_unknown", "2026-01-01T00:00:00Z"));
  add("tx_1", today - days{3});
  const auto report = run();
  EXPECT_EQ(report.jobs_failed, 1u);
  EXPECT_EQ(report.failures.front().problem.code, error_code::not_found);
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1"));
}

TEST_F(monzo_sync, AccountTypesOfTheConfigLimitWhatIsFollowed) {
  driver.account.config = R"({"account_types":["uk_retail_joint"]})";
  add("tx_1", today - days{3});
  const auto report = run();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, Contains(AllOf(HasSubstr("no account is of a type"), HasSubstr("uk_retail"))));
  EXPECT_THAT(stored_ids(), IsEmpty());
  EXPECT_TRUE(driver.tables.select("SELECT 1 FROM monzo_accounts").rows.empty());
}

TEST_F(monzo_sync, NothingNewMeansNoProcessJob) {
  EXPECT_TRUE(run().clean());
  const auto stored_by = cursor().run;
  EXPECT_FALSE(run().rows.changed());
  EXPECT_EQ(times_asked("/transactions"), 1u);
  EXPECT_EQ(cursor().run, stored_by) << "an empty page is not handed on";
}

TEST_F(monzo_sync, ViewsShowTimesInUtc) {
  add("tx_1", today - days{1});
  run();
  const auto shown = driver.tables.select("SELECT created_at, settled_at, deleted_at FROM v_monzo_transactions");
  ASSERT_EQ(shown.rows.size(), 1u);
  EXPECT_THAT(std::get<std::string>(shown.rows[0][0]), HasSubstr("2026-02-28T00:00:00"));
  EXPECT_EQ(shown.rows[0][2], column_value());
  EXPECT_EQ(driver.tables.select("SELECT source_id FROM v_monzo_accounts").rows.size(), 1u);
}

TEST_F(monzo_sync, RecordedRefusalsHaveTheirMeaning) {
  std::ifstream file(std::string(PENSTOCK_SOURCE_DIR) + "/connectors/monzo/fixtures/errors.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto recorded = boost::json::parse(text.str());
  for (const std::string name : {"401_expired", "401_evicted", "401_bad", "403_not_approved_in_app"}) {
    SCOPED_TRACE(name);
    const auto& sample = recorded.at(name);
    const auto status = static_cast<int>(sample.at("status").as_int64());
    const auto body = boost::json::serialize(sample.at("body"));
    provider_stand_in refusing(
      [&](const net::http_request&) -> result<net::http_response> { return testing::answer(status, body); });
    testing::run_driver fresh(built_monzo(2), "monzo", today);
    const auto report = fresh.run(refusing);
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.code, error_code::requires_reauth);
    EXPECT_THAT(report.failures.front().problem.message, HasSubstr("authorise the integration again"));
    EXPECT_EQ(refusing.requests().size(), status == 401 ? 2u : 61u) << "a person may approve for ten minutes";
  }
}

TEST_F(monzo_sync, ResetToAMomentReadsEverythingSinceThen) {
  for (int i = 0; i < 5; ++i)
    add("tx_" + std::to_string(i), today - days{300} + days{i * 50});
  EXPECT_TRUE(run().clean());
  const auto from = today - days{210};
  const auto cursor = make_service({}).cursor_from("transactions/acc_1", from);
  ASSERT_TRUE(cursor) << cursor.error().message;
  driver.cursors["transactions/acc_1"].cursor = *cursor;
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(sinces(), ElementsAre(format_rfc3339(from), "tx_3"));
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(sinces(), ElementsAre(format_rfc3339(today - days{89}))) << "incremental again";
}

TEST(monzo_service, OnlyTransactionsHaveAMomentToGoBackTo) {
  const auto offered = make_service({});
  EXPECT_TRUE(offered.cursor_from("transactions/acc_1", today));
  const auto accounts = offered.cursor_from("accounts", today);
  ASSERT_FALSE(accounts);
  EXPECT_EQ(accounts.error().code, error_code::invalid_argument);
}

TEST(monzo_service, ConfigAllowsAccountTypesAlone) {
  const auto offered = make_service({});
  EXPECT_TRUE(offered.validate("{}"));
  EXPECT_TRUE(offered.validate(R"({"account_types":["uk_retail"]})"));
  for (const std::string wrong : {"[]", "{", R"({"account_type":["x"]})", R"({"account_types":"x"})",
                                  R"({"account_types":[""]})", R"({"account_types":[1]})"}) {
    const auto checked = offered.validate(wrong);
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().code, error_code::invalid_argument);
  }
}

TEST(monzo_service, OAuthGoesToTheConfiguredPlaces) {
  const auto built = built_monzo(100);
  ASSERT_EQ(built.services.size(), 1u);
  ASSERT_TRUE(built.services[0].oauth);
  EXPECT_EQ(built.services[0].oauth->token_url, "https://api.monzo.example/oauth2/token");
  EXPECT_EQ(built.services[0].oauth->authorize_url, "https://auth.monzo.example/");
  EXPECT_EQ(built.services[0].oauth->client_secret, "client-SECRET");
}

} // namespace
} // namespace penstock::connectors::monzo
