// The load of history: after the first consent, after an approval that took its time, and after a long absence.
#include "connectors/monzo/kinds.hpp"

#include <gmock/gmock.h>

#include "connectors/monzo/service.hpp"
#include "connectors/monzo/tests/sync_fixture.hpp"

namespace penstock::connectors::monzo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class monzo_history : public monzo_sync {
protected:
  monzo_history() { driver.account.schedule.last_successful_update_at = no_time; }
  static job_request first_job(timestamp last_success) {
    integration account;
    account.schedule.last_successful_update_at = last_success;
    return make_service({}).first_jobs(account).value().front();
  }
  /// What monzo.account_data makes of a list of accounts.
  std::vector<job_request> streams_of(bool history, const std::vector<std::string>& accounts) {
    const auto handler = account_data();
    ready_job job;
    job.kind = "monzo.account_data";
    job.args = history ? R"({"history":true})" : "{}";
    job.integration = integration_id{7};
    bank.accounts = accounts;
    net::http_request request;
    request.url = "https://api.monzo.example/accounts";
    request.headers.add("Authorization", "Bearer token-SECRET-1");
    auto body = bank.answer(request).body;
    body.reserve(body.size() + 64);
    process_context context{.job = job, .payload = body, .now = today, .report = nullptr};
    return std::get<process_handler>(handler.handler)(context).value().jobs;
  }
};

TEST_F(monzo_history, TheFirstSyncGoesBeforeOthersAndLaterOnesTakeTheirTurn) {
  EXPECT_EQ(first_job(no_time).priority, history_priority);
  EXPECT_EQ(first_job(today).priority, usual_priority);
}

TEST_F(monzo_history, AllAccountsBeginAtOnceInTheQueueOfItsOwn) {
  const std::vector<std::string> three{account_json("acc_1", "2022-06-01T00:00:00Z"),
                                       account_json("acc_2", "2022-06-01T00:00:00Z", false, "uk_retail_joint"),
                                       account_json("acc_3", "2022-06-01T00:00:00Z", true)};
  std::vector<std::string> begun;
  for (const auto& job : streams_of(true, three))
    if (job.kind == "monzo.historical_data") {
      EXPECT_EQ(job.priority, history_priority);
      begun.push_back(job.stream);
    }
  EXPECT_THAT(begun, ElementsAre("transactions/acc_1", "transactions/acc_2", "transactions/acc_3"));
  EXPECT_EQ(historical_data(nullptr).kind.queue, "init");
  for (const auto& job : streams_of(false, three))
    EXPECT_NE(job.kind, "monzo.historical_data");
}

TEST_F(monzo_history, WhatIsNoHistoryWaitsBehindIt) {
  for (const auto& job : streams_of(true, {account_json("acc_1", "2022-06-01T00:00:00Z")}))
    EXPECT_EQ(job.priority, job.kind == "monzo.historical_data" ? history_priority : usual_priority) << job.kind;
}

TEST_F(monzo_history, StreamsHandOverWhereTheOtherKindBelongs) {
  add("tx_1", today - days{300});
  // A cursor that is complete already: history has nothing to do and hands over.
  driver.cursors["transactions/acc_1"].cursor = R"({"last_id":"","last_created":"2026-02-28T00:00:00Z"})";
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(sinces(), ElementsAre("2026-02-14T00:00:00Z"));
  // And without one, though the integration is an old one: history after all.
  driver.cursors.clear();
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(sinces().front(), "2022-06-01T00:00:00Z");
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1"));
}

TEST_F(monzo_history, AnApprovalInTheAppIsWaitedForAndThenAllHistoryComes) {
  add("tx_1", today - days{1000});
  bank.approved = false;
  provider.disturb(4, 4, [this](const net::http_request& request, const testing::answer_function& healthy) {
    bank.approved = true;
    return healthy(request);
  });
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(times_asked("/accounts"), 4u);
  EXPECT_EQ(driver.clock.now(), today + std::chrono::seconds{30}) << "asked every ten seconds";
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1"));
}

TEST_F(monzo_history, AnApprovalThatNeverComesNeedsAPersonAfterTenMinutes) {
  bank.approved = false;
  const auto report = run();
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.front().problem.code, error_code::requires_reauth);
  EXPECT_THAT(report.failures.front().problem.message, HasSubstr("approve it in the Monzo app"));
  EXPECT_EQ(driver.clock.now(), today + minutes{10});
}

class monzo_absence : public monzo_history {
protected:
  /// Synced once, then not for 120 days, in which something happened.
  monzo_absence() {
    add("tx_1", today - days{1});
    EXPECT_TRUE(run().clean());
    add("tx_in_between", today + days{5});
    add("tx_late", today + days{100});
    driver.clock.advance(days{120});
    bank.now = driver.clock.now();
  }
};

TEST_F(monzo_absence, AfterANewConsentItCatchesUpWithoutAGap) {
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_in_between", "tx_late"));
  EXPECT_EQ(sinces().front(), format_rfc3339(today - days{14}));
  EXPECT_THAT(cursor().gap, IsEmpty());
  EXPECT_THAT(cursor().cursor, Not(HasSubstr("history")));
}

TEST_F(monzo_absence, WithoutOneItKeepsWhatMonzoGivesAndMarksTheGap) {
  bank.whole_history = false;
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_late"));
  EXPECT_THAT(cursor().gap, HasSubstr(format_rfc3339(today) + " to " + format_rfc3339(today + days{31})));
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(times_asked("/transactions"), 1u) << "incremental again, nothing is refused";
}

TEST_F(monzo_absence, CountsForTheStreamThatWasNotReadWhateverOthersDid) {
  bank.whole_history = false;
  driver.account.schedule.last_successful_update_at = driver.clock.now() - hours{1}; // by other accounts' streams
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(cursor().gap, HasSubstr(format_rfc3339(today) + " to "));
}

TEST_F(monzo_absence, CatchingUpThatBreaksOffGoesOnWhereItStopped) {
  disturb_transactions(2, [](const net::http_request&, const testing::answer_function&) {
    return result<net::http_response>(failure(error_code::network, "gone"));
  });
  EXPECT_EQ(run().jobs_failed, 1u);
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_in_between"));
  disturb_nothing();
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(sinces().front(), "tx_in_between");
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_in_between", "tx_late"));
}

TEST_F(monzo_absence, AnExpiredConsentNeedsAPersonAndNothingIsAskedAfterIt) {
  driver.tokens.revoked = true;
  provider.disturb(1, 100'000, [](const net::http_request&, const testing::answer_function&) {
    return result<net::http_response>(testing::answer(401, R"({"code":"unauthorized.bad_access_token.evicted"})"));
  });
  const auto report = run();
  ASSERT_EQ(report.failures.size(), 1u) << "one thing to tell";
  EXPECT_EQ(report.failures.front().problem.code, error_code::requires_reauth);
  EXPECT_EQ(asked.size(), 1u);
  // Authorised again.
  driver.tokens.revoked = false;
  disturb_nothing();
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored_ids(), ElementsAre("tx_1", "tx_in_between", "tx_late"));
}

} // namespace
} // namespace penstock::connectors::monzo
