#include "node/event_logger.hpp"

#include <gtest/gtest.h>

#include "node/event_text.hpp"

namespace penstock::node {
namespace {

log_line line_of(std::string type, std::string data) {
  event told;
  told.type = std::move(type);
  told.subject = "things/1";
  told.data = std::move(data);
  return log_line_of(told);
}

} // namespace

TEST(event_logger, SyncIsToldWithItsRowsAndTheNameOfWhatWasSynced) {
  const auto line = line_of("integration.updated", R"({"integration_id":"7","service":"monzo","name":"Ann",
    "state":"completed","rows":{"added":3,"updated":1,"deleted":0,"errors":2},"pages":2})");
  EXPECT_EQ(line.level, spdlog::level::info);
  EXPECT_EQ(line.text,
            "monzo \"Ann\" synced: 3 rows added, 1 updated, 2 in error (why: penstock integrations errors 7), 2 pages");
}

TEST(event_logger, SyncThatMissedSomethingIsAWarning) {
  const auto line = line_of("integration.updated", R"({"integration_id":"7","service":"monzo","name":"Ann",
    "state":"completed_with_failures","rows":{"added":3,"updated":1},"pages":2,"error":"wrong shape"})");
  EXPECT_EQ(line.level, spdlog::level::warn);
  EXPECT_NE(line.text.find("not all of it: wrong shape"), std::string::npos) << line.text;
}

TEST(event_logger, DeliveryIsToldWithItsRowsAndWhatWasNotReadWholeIsAWarning) {
  const auto line = line_of("integration.updated", R"({"integration_id":"7","service":"apple_health","name":"Ann",
    "delivery":"9","state":"completed","rows":{"added":3,"updated":1,"unchanged":5,"deleted":0,"errors":2}})");
  EXPECT_EQ(line.level, spdlog::level::info);
  EXPECT_EQ(line.text, "apple_health \"Ann\" took a delivery: 3 rows added, 1 updated, 2 in error "
                       "(why: penstock integrations errors 7)");
  const auto part = line_of("integration.updated", R"({"integration_id":"7","service":"apple_health","name":"Ann",
    "delivery":"9","state":"completed_with_failures","rows":{"added":0,"updated":0},"error":"1 of the 2 jobs"})");
  EXPECT_EQ(part.level, spdlog::level::warn);
  EXPECT_EQ(part.text,
            "apple_health \"Ann\" took a delivery: 0 rows added, 0 updated, but not all of it: 1 of the 2 jobs");
  EXPECT_EQ(line_of("records.rejected", R"({"table":"health_metrics","errors":3})").level, spdlog::level::warn);
}

TEST(event_logger, WhatNeedsAPersonIsAnErrorThatSaysWhatToDo) {
  const auto line = line_of("integration.requires_reauth", R"({"integration_id":"7","service":"monzo","name":"Ann"})");
  EXPECT_EQ(line.level, spdlog::level::err);
  EXPECT_EQ(line.text, "monzo \"Ann\" needs a new consent: penstock integrations authorize 7");
  const auto why = line_of("integration.requires_reauth",
                           R"({"integration_id":"7","service":"monzo","name":"Ann","reason":"the token was revoked"})");
  EXPECT_EQ(why.text, "monzo \"Ann\" needs a new consent (the token was revoked): penstock integrations authorize 7");
  const auto token = line_of("integration.requires_reauth", R"({"integration_id":"7","service":"shop","name":"Eu",
    "reason":"the token was refused: store another with 'penstock integrations token 7'"})");
  EXPECT_EQ(token.text,
            "shop \"Eu\" cannot be synced: the token was refused: store another with 'penstock integrations "
            "token 7'")
    << "a consent would not help";
}

TEST(event_logger, SyncThatFailedSaysWhenItIsTriedAgain) {
  const auto line = line_of("integration.failed", R"({"integration_id":"7","service":"monzo","name":"Ann",
    "error":"no answer","next_due_at":"2026-06-01T04:00:00Z"})");
  EXPECT_EQ(line.level, spdlog::level::err);
  EXPECT_EQ(line.text, "monzo \"Ann\" was not synced: no answer; tried again at 2026-06-01T04:00:00Z; "
                       "penstock integrations show 7");
}

TEST(event_logger, RecoveryAndMissedSchedulesAreTold) {
  const auto well =
    line_of("integration.recovered", R"({"integration_id":"7","service":"monzo","name":"Ann","failures":6})");
  EXPECT_EQ(well.level, spdlog::level::info);
  EXPECT_EQ(well.text, "monzo \"Ann\" is synced again after 6 failure(s) in a row");
  const auto missed = line_of("schedule.missed", R"({"schedule":"nightly","missed":3,"last":"2026-06-01T04:00:00Z"})");
  EXPECT_EQ(missed.level, spdlog::level::warn);
  EXPECT_EQ(missed.text, "schedule nightly missed 3 occurrence(s), the last of 2026-06-01T04:00:00Z");
}

TEST(event_logger, JobThatFailedForGoodIsAnErrorWithItsReason) {
  const auto line = line_of("job.failed", R"({"job_id":"9","kind":"probe.fail","attempts":4,
    "error":{"code":"internal","message":"no"}})");
  EXPECT_EQ(line.level, spdlog::level::err);
  EXPECT_EQ(line.text, "job 9 (probe.fail) failed for good at attempt 4: internal: no");
  const auto named = line_of("job.failed", R"({"job_id":"9","kind":"monzo.pot_pull","service":"monzo",
    "integration":"Ann","error":{"code":"internal","message":"no"}})");
  EXPECT_EQ(named.text, "job 9 (monzo.pot_pull of monzo \"Ann\") failed for good: internal: no");
}

TEST(event_logger, OneFaultOfASyncIsNotToldAgainForItsRoot) {
  const auto echo = line_of("job.failed", R"({"job_id":"9","kind":"integration.process","run_id":"8"})");
  EXPECT_EQ(echo.level, spdlog::level::debug);
  const auto by_itself = line_of("job.failed", R"({"job_id":"9","kind":"integration.process"})");
  EXPECT_EQ(by_itself.level, spdlog::level::err);
}

TEST(event_logger, StreamThatFailsInEachSyncIsAnErrorOnce) {
  const auto again = line_of("job.failed", R"({"job_id":"9","kind":"monzo.pot_pull","run_id":"8","repeated":true})");
  EXPECT_EQ(again.level, spdlog::level::debug);
  const auto other = line_of("job.failed", R"({"job_id":"9","kind":"monzo.pot_pull","run_id":"8"})");
  EXPECT_EQ(other.level, spdlog::level::err);
}

TEST(event_logger, TroubleOfAQueueIsAWarningUntilItIsOver) {
  const auto raised = line_of("queue.warning", R"({"queue":"fetch","warning":"waiting","state":"raised",
    "message":"1001 jobs wait"})");
  EXPECT_EQ(raised.level, spdlog::level::warn);
  EXPECT_EQ(raised.text, "queue fetch: 1001 jobs wait");
  const auto over = line_of("queue.warning", R"({"queue":"fetch","warning":"waiting","state":"recovered"})");
  EXPECT_EQ(over.level, spdlog::level::info);
  EXPECT_EQ(over.text, "queue fetch: waiting: that is over");
}

TEST(event_logger, EventsOfOthersAreForThoseWhoLookForThem) {
  const auto line = line_of("records.changed", "broken");
  EXPECT_EQ(line.level, spdlog::level::debug);
  EXPECT_EQ(line.text, "records.changed things/1");
}

TEST(event_text, RowsThatChangedAreToldWithTheNameThatEarlierEventsGave) {
  event told;
  told.type = "records.changed";
  told.subject = "integrations/7";
  told.data = R"({"table":"monzo_pots","added":1,"updated":0,"deleted":2,"run":"3"})";
  EXPECT_EQ(text_of(told), "integration 7: monzo_pots: 1 added, 2 deleted");
  EXPECT_EQ(text_of(told, "monzo \"Ann\""), "monzo \"Ann\": monzo_pots: 1 added, 2 deleted");
  EXPECT_EQ(integration_named_in(told), "");
  told.type = "integration.connected";
  told.data = R"({"integration_id":"7","service":"monzo","name":"Ann"})";
  EXPECT_EQ(integration_named_in(told), "monzo \"Ann\"");
}

TEST(event_text, RowsThatWereRejectedAreToldWithExamples) {
  event told;
  told.type = "records.rejected";
  told.subject = "integrations/7";
  told.data = R"({"table":"health_metrics","errors":3,"examples":["health_metrics: step_count 4: no date",
    "health_metrics: step_count 5: no date"],"job":"12","delivery":"9"})";
  EXPECT_EQ(text_of(told, "apple_health \"Ann\""),
            "apple_health \"Ann\": 3 rows of a delivery could not be stored: health_metrics: step_count 4: no date; "
            "health_metrics: step_count 5: no date (all: penstock jobs show 9)");
}

TEST(event_text, TypesWithoutWordsOfTheirOwnShowTheirDataOnOneLine) {
  event told;
  told.type = "user.created";
  told.subject = "users/4";
  told.data = R"({"name":"Ann\nLee","role":"viewer","age":4})";
  EXPECT_EQ(text_of(told), "users/4 name=Ann\uFFFDLee role=viewer age=4");
}

} // namespace penstock::node
