// What accounts hold: pots and balances by day.
#include "connectors/monzo/balance_rows.hpp"

#include <gmock/gmock.h>

#include "connectors/monzo/bank_day.hpp"
#include "connectors/monzo/pot_rows.hpp"
#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/tests/sync_fixture.hpp"

namespace penstock::connectors::monzo {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string pot_json(const std::string& id, std::int64_t balance, const std::string& updated, bool deleted = false) {
  return R"({"id":")" + id + R"(","name":"Savings","style":"teal","balance":)" + std::to_string(balance) +
         R"(,"currency":"GBP","created":"2025-01-01T00:00:00Z","updated":")" + updated + R"(","deleted":)" +
         (deleted ? "true" : "false") + "}";
}

class monzo_holdings : public monzo_sync {
protected:
  std::vector<std::string> pots() const {
    return column("SELECT source_id || ' ' || balance || CASE WHEN deleted_at IS NULL THEN '' ELSE ' deleted' END FROM "
                  "monzo_pots ORDER BY 1");
  }
  std::vector<std::string> balances() const {
    return column("SELECT source_id || ' ' || date || ' ' || balance FROM monzo_balances ORDER BY 1");
  }
};

TEST_F(monzo_holdings, PotsAreStoredWithTheirAccountAndChange) {
  bank.pots["acc_1"] = {pot_json("pot_1", 100, "2026-01-01T00:00:00Z"), pot_json("pot_2", 7, "2026-01-01T00:00:00Z")};
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(pots(), ElementsAre("pot_1 100", "pot_2 7"));
  EXPECT_THAT(column("SELECT DISTINCT account_id FROM monzo_pots"), ElementsAre("acc_1"));
  // Interest changes a balance, and Monzo need not call that an update of the pot.
  bank.pots["acc_1"][1] = pot_json("pot_2", 9, "2026-01-01T00:00:00Z");
  const auto report = run();
  EXPECT_EQ(report.rows.updated, 1);
  EXPECT_THAT(pots(), ElementsAre("pot_1 100", "pot_2 9"));
}

TEST_F(monzo_holdings, ADeletedPotStaysAndIsMarkedOnce) {
  bank.pots["acc_1"] = {pot_json("pot_1", 100, "2026-01-01T00:00:00Z")};
  EXPECT_TRUE(run().clean());
  bank.pots["acc_1"] = {pot_json("pot_1", 0, "2026-02-28T00:00:00Z", true)};
  EXPECT_EQ(run().rows.deleted, 1);
  EXPECT_THAT(pots(), ElementsAre("pot_1 0 deleted"));
  EXPECT_FALSE(run().rows.changed()) << "Monzo goes on listing it";
  EXPECT_THAT(column("SELECT source_id FROM v_monzo_pots WHERE deleted_at IS NULL"), IsEmpty());
}

TEST_F(monzo_holdings, APotThatWasDeletedBeforeItWasSeenIsMarkedToo) {
  bank.pots["acc_1"] = {pot_json("pot_1", 0, "2026-02-28T00:00:00Z", true)};
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(pots(), ElementsAre("pot_1 0 deleted"));
}

TEST_F(monzo_holdings, OneRowForEachAccountAndDayTheLatestOfTheDayCounts) {
  bank.accounts.push_back(account_json("acc_2", "2026-01-01T00:00:00Z", false, "uk_retail_joint"));
  bank.transactions["acc_2"] = {};
  EXPECT_TRUE(run().clean());
  driver.clock.advance(hours{6});
  bank.now = driver.clock.now();
  bank.balances["acc_1"] = R"({"balance":-250,"total_balance":750,"currency":"GBP","spend_today":-5250})";
  const auto later = run();
  EXPECT_EQ(later.rows.added, 0);
  EXPECT_EQ(later.rows.updated, 1);
  driver.clock.advance(days{1});
  bank.now = driver.clock.now();
  EXPECT_EQ(run().rows.added, 2);
  EXPECT_THAT(balances(), ElementsAre("monzo_balance_acc_1_2026-03-01 2026-03-01 -250",
                                      "monzo_balance_acc_1_2026-03-02 2026-03-02 -250",
                                      "monzo_balance_acc_2_2026-03-01 2026-03-01 5000",
                                      "monzo_balance_acc_2_2026-03-02 2026-03-02 5000"));
}

TEST_F(monzo_holdings, AnAnswerThatIsStoredLateDoesNotReplaceALaterOne) {
  EXPECT_TRUE(run().clean());
  const balance_facts late{"acc_1", "2026-03-01", today - hours{1}};
  std::string body = R"({"balance":1,"currency":"GBP"})";
  auto page = read_balance(body, late);
  ASSERT_TRUE(page);
  const row_upserts batch{std::string(balances_table), driver.account.id, std::move(page->rows)};
  EXPECT_EQ(driver.tables.upsert(batch, today).unchanged, 1);
  EXPECT_THAT(balances(), ElementsAre("monzo_balance_acc_1_2026-03-01 2026-03-01 5000"));
}

TEST_F(monzo_holdings, AnAccountThatHasNonePasses) {
  for (const auto& [status, code] : {std::pair{403, "forbidden.insufficient_permissions"}, {404, "not_found"}}) {
    bank.accounts = {account_json("acc_1", "2022-06-01T00:00:00Z"),
                     account_json("acc_rewards", "2026-01-01T00:00:00Z", false, "uk_rewards"),
                     account_json("acc_flex", "2026-01-01T00:00:00Z", false, "uk_monzo_flex"),
                     account_json("acc_loan", "2026-01-01T00:00:00Z", false, "uk_loan"),
                     account_json("acc_closed", "2026-01-01T00:00:00Z", true)};
    for (const std::string account : {"acc_rewards", "acc_flex", "acc_loan", "acc_closed"}) {
      bank.transactions[account] = {{.id = "tx_of_" + account, .created = today - days{3}}};
      bank.refusals["/pots " + account] = {status, code};
    }
    bank.refusals["/balance acc_closed"] = {status, code};
    bank.refusals["/transactions acc_rewards"] = {status, code};
    EXPECT_TRUE(run().clean());
    EXPECT_EQ(times_asked("/pots"), 5u) << "it may have some one day";
  }
  EXPECT_EQ(balances().size(), 4u);
  EXPECT_EQ(stored_ids().size(), 3u) << "all but those of acc_rewards";
}

TEST_F(monzo_holdings, PotsThatAreRefusedEndTheirStreamAndNoOther) {
  add("tx_1", today - days{3});
  bank.accounts.push_back(account_json("acc_2", "2026-01-01T00:00:00Z"));
  bank.transactions["acc_2"] = {{.id = "tx_2", .created = today - days{2}}};
  bank.pots["acc_2"] = {pot_json("pot_1", 100, "2026-01-01T00:00:00Z")};
  for (const auto& [status, code, expected] :
       {std::tuple{403, "forbidden.insufficient_permissions", error_code::forbidden},
        {404, "not_found.account", error_code::not_found}}) {
    bank.refusals["/pots acc_1"] = {status, code};
    const auto report = run();
    ASSERT_EQ(report.failures.size(), 1u);
    EXPECT_EQ(report.failures.front().problem.code, expected) << "no matter of consent";
    EXPECT_EQ(report.jobs_failed, 1u);
  }
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_2"));
  EXPECT_THAT(pots(), ElementsAre("pot_1 100"));
  EXPECT_EQ(balances().size(), 2u);
}

TEST_F(monzo_holdings, JointAccountsAreFollowedAndCanBeTheOnlyOnes) {
  bank.accounts.push_back(account_json("acc_joint", "2026-01-01T00:00:00Z", false, "uk_retail_joint"));
  bank.transactions["acc_joint"] = {{.id = "tx_joint", .created = today - days{2}}};
  bank.pots["acc_joint"] = {pot_json("pot_joint", 100, "2026-01-01T00:00:00Z")};
  driver.account.config = R"({"account_types":["uk_retail_joint"]})";
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(column("SELECT source_id FROM monzo_accounts"), ElementsAre("acc_joint"));
  EXPECT_THAT(stored_ids(), ElementsAre("tx_joint"));
  EXPECT_THAT(pots(), ElementsAre("pot_joint 100"));
  EXPECT_EQ(balances().size(), 1u);
  EXPECT_EQ(times_asked("/balance"), 1u);
}

TEST(monzo_bank_day, IsThatOfLondonAlsoInSummer) {
  using std::chrono::sys_days;
  using std::chrono::year;
  const timestamp winter{sys_days{year{2026} / 1 / 10}}, summer{sys_days{year{2026} / 7 / 10}};
  EXPECT_EQ(bank_day(winter).value(), "2026-01-10");
  EXPECT_EQ(bank_day(winter - 1us).value(), "2026-01-09");
  EXPECT_EQ(bank_day(summer - 1h).value(), "2026-07-10") << "midnight in London";
  EXPECT_EQ(bank_day(summer - 1h - 1us).value(), "2026-07-09");
}

TEST(monzo_pot_rows, AWrongPotIsToldAndTheOthersKept) {
  const auto good = pot_json("pot_1", 100, "2026-01-01T00:00:00Z");
  for (const std::string wrong :
       {"7", R"({"name":"no id","balance":1,"currency":"GBP"})", R"({"id":"pot_9","currency":"GBP"})",
        R"({"id":"pot_9","balance":1})", R"({"id":"pot_9","balance":1.5,"currency":"GBP"})",
        R"({"id":"pot_9","balance":1,"currency":"GBP","deleted":"yes"})",
        R"({"id":"pot_9","balance":1,"currency":"GBP","goal_amount":"much"})"}) {
    SCOPED_TRACE(wrong);
    auto body = R"({"pots":[)" + good + "," + wrong + "," + good + "]}";
    const auto page = read_pots(body, "acc_1");
    ASSERT_TRUE(page);
    EXPECT_EQ(page->rows.size(), 2u);
    ASSERT_EQ(page->errors.size(), 1u);
    EXPECT_EQ(page->errors[0].table, "monzo_pots");
    EXPECT_EQ(page->errors[0].source_id, wrong.find("pot_9") == std::string::npos ? "" : "pot_9");
    EXPECT_TRUE(page->errors[0].message.starts_with("pot 2: ")) << page->errors[0].message;
  }
}

TEST(monzo_balance_rows, AWrongFieldIsToldWithItsDay) {
  std::string body = R"({"balance":1,"currency":"GBP","spend_today":"nothing"})";
  const auto page = read_balance(body, {"acc_1", "2026-03-01", today});
  ASSERT_TRUE(page);
  EXPECT_THAT(page->rows, IsEmpty());
  ASSERT_EQ(page->errors.size(), 1u);
  EXPECT_EQ(page->errors[0].source_id, "monzo_balance_acc_1_2026-03-01");
  std::string broken = "{";
  EXPECT_EQ(read_balance(broken, {"acc_1", "2026-03-01", today}).error().cls(), error_class::final);
}

} // namespace
} // namespace penstock::connectors::monzo
