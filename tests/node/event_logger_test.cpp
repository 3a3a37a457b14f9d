#include "node/event_logger.hpp"

#include <gtest/gtest.h>

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

TEST(event_logger, SyncIsToldWithItsRows) {
  const auto line = line_of("integration.updated", R"({"integration_id":"7","name":"Ann","state":"completed",
    "rows":{"added":3,"updated":1},"pages":2})");
  EXPECT_EQ(line.level, spdlog::level::info);
  EXPECT_EQ(line.text, "integration 7 (Ann) synced: 3 rows added, 1 updated, 2 pages");
}

TEST(event_logger, SyncThatMissedSomethingIsAWarning) {
  const auto line = line_of("integration.updated", R"({"integration_id":"7","name":"Ann",
    "state":"completed_with_failures","rows":{"added":3,"updated":1},"pages":2,"error":"wrong shape"})");
  EXPECT_EQ(line.level, spdlog::level::warn);
  EXPECT_NE(line.text.find("not all of it: wrong shape"), std::string::npos) << line.text;
}

TEST(event_logger, WhatNeedsAPersonIsAnErrorThatSaysWhatToDo) {
  const auto line = line_of("integration.requires_reauth", R"({"integration_id":"7","name":"Ann"})");
  EXPECT_EQ(line.level, spdlog::level::err);
  EXPECT_NE(line.text.find("penstock integrations authorize 7"), std::string::npos) << line.text;
}

TEST(event_logger, RecoveryAndMissedSchedulesAreTold) {
  const auto well = line_of("integration.recovered", R"({"integration_id":"7","name":"Ann","failures":6})");
  EXPECT_EQ(well.level, spdlog::level::info);
  EXPECT_EQ(well.text, "integration 7 (Ann) is synced again after 6 failure(s) in a row");
  const auto missed = line_of("schedule.missed", R"({"schedule":"nightly","missed":3,"last":"2026-06-01T04:00:00Z"})");
  EXPECT_EQ(missed.level, spdlog::level::warn);
  EXPECT_EQ(missed.text, "schedule nightly missed 3 occurrence(s), the last of 2026-06-01T04:00:00Z");
}

TEST(event_logger, JobThatFailedForGoodIsAnErrorWithItsReason) {
  const auto line =
    line_of("job.failed", R"({"job_id":"9","kind":"probe.fail","error":{"code":"internal","message":"no"}})");
  EXPECT_EQ(line.level, spdlog::level::err);
  EXPECT_EQ(line.text, "job 9 (probe.fail) failed for good: internal: no");
}

TEST(event_logger, EventsOfOthersAreForThoseWhoLookForThem) {
  const auto line = line_of("records.changed", "broken");
  EXPECT_EQ(line.level, spdlog::level::debug);
  EXPECT_EQ(line.text, "records.changed things/1");
}

} // namespace penstock::node
