// Faults that the systems had which this connector carries over: each has a test that fails where the fault is.
#include "connectors/monzo/kinds.hpp"

#include <gmock/gmock.h>

#include "connectors/monzo/tables.hpp"
#include "connectors/monzo/tests/sync_fixture.hpp"

namespace penstock::connectors::monzo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class monzo_faults_of_the_originals : public monzo_sync {};

// `before` was set to the newest time of a page that comes oldest first.
TEST_F(monzo_faults_of_the_originals, PagingThatNeverGetsPastTheFirstPage) {
  driver.cursors["transactions/acc_1"].cursor = R"({"last_id":"","last_created":"2026-03-01T00:00:00Z"})";
  for (int i = 0; i < 7; ++i)
    add("tx_" + std::to_string(i), today - days{10} + hours{i});
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(stored_ids().size(), 7u);
  EXPECT_THAT(sinces(), ElementsAre("2026-02-15T00:00:00Z", "tx_1", "tx_3", "tx_5"));
  EXPECT_THAT(values("before"), ElementsAre("", "", "", ""));
}

// *Updated* was recorded when fetching had ended, and what was fetched could still be lost.
TEST_F(monzo_faults_of_the_originals, UpdatedRecordedWhenTheFetchEndedInsteadOfWithItsRows) {
  for (int i = 0; i < 6; ++i)
    add("tx_" + std::to_string(i), today - days{10} + hours{i});
  // Three windows of a year have nothing; of three pages two are fetched before the first one is stored, and are lost with
  // their stream when the third fails for good. (The engine would store them: here the loss is the point.)
  disturb_transactions(6, [](const net::http_request&, const testing::answer_function&) {
    return result<net::http_response>(testing::answer(200, "{}"));
  });
  const auto broken = run(testing::job_order::fetch_first);
  EXPECT_EQ(broken.jobs_failed, 1u);
  EXPECT_EQ(broken.jobs_dropped, 2u) << "pages that were fetched";
  EXPECT_THAT(stored_ids(), IsEmpty());
  EXPECT_THAT(cursor().cursor, IsEmpty()) << "nothing was stored, so nothing is known";
  disturb_nothing();
  EXPECT_TRUE(run(testing::job_order::fetch_first).clean());
  EXPECT_EQ(stored_ids().size(), 6u);
  EXPECT_THAT(cursor().cursor, HasSubstr("tx_5"));
}

// What had been deleted softly was found to be there by the constraint and to be missing by the check.
TEST_F(monzo_faults_of_the_originals, ReimportAfterASoftDeleteThatIsSilentlyDropped) {
  add("tx_1", today - days{3});
  bank.pots["acc_1"] = {
    R"({"id":"pot_1","balance":1,"currency":"GBP","updated":"2026-01-01T00:00:00Z","deleted":false})"};
  EXPECT_TRUE(run().clean());
  for (const auto table : {transactions_table, pots_table})
    EXPECT_THAT(column("UPDATE " + std::string(table) + " SET deleted_at = 1 RETURNING deleted_at"), ElementsAre("1"));
  const auto again = run();
  EXPECT_EQ(again.rows.updated, 2);
  EXPECT_THAT(column("SELECT source_id FROM monzo_transactions WHERE deleted_at IS NULL"), ElementsAre("tx_1"));
  EXPECT_THAT(column("SELECT source_id FROM monzo_pots WHERE deleted_at IS NULL"), ElementsAre("pot_1"));
}

// Two workers refreshed at once with a token that works once. Here the token that was refused goes with the question, so
// that who comes second gets the newer one; that this is one refresh for a thousand callers on three nodes is proved where
// the tokens are kept.
TEST_F(monzo_faults_of_the_originals, ATokenRefreshByTwoAtOnceThatLosesTheConnection) {
  add("tx_1", today - days{3});
  provider.disturb(1, 100'000, [](const net::http_request& request, const testing::answer_function& healthy) {
    if (request.headers.value_or("Authorization", "") == "Bearer token-SECRET-1")
      return result<net::http_response>(testing::answer(401, R"({"code":"unauthorized.bad_access_token.evicted"})"));
    return healthy(request);
  });
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(driver.tokens.rejected(), ElementsAre("token-SECRET-1"));
  EXPECT_EQ(driver.tokens.current(), "token-SECRET-2") << "one refresh";
}

} // namespace
} // namespace penstock::connectors::monzo
