#include <gtest/gtest.h>

#include "actors/engine_kinds.hpp"
#include "messages/job_kind.hpp"

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

void expect_defaults(const job_kind& kind, const std::string& queue, duration timeout, int runs,
                     const std::string& backoff) {
  EXPECT_EQ(kind.queue, queue) << kind.name;
  EXPECT_EQ(kind.timeout, timeout) << kind.name;
  EXPECT_EQ(kind.max_attempts, runs) << kind.name;
  EXPECT_EQ(to_string(kind.backoff), backoff) << kind.name;
}

TEST(job_kinds, ClassesHaveTheDefaultsOfTheirDocuments) {
  expect_defaults(job_kind::fetch("fetch"), "fetch", 120s, 4, "list 1m 5m 10m");
  expect_defaults(job_kind::process("process"), "process", 300s, 3, "list 2m 5m");
  expect_defaults(job_kind::init("init"), "init", 600s, 4, "list 1m 5m 10m");
  expect_defaults(job_kind::webhook("hook"), "webhook", 60s, 4, "list 30s 2m 5m");
}

TEST(job_kinds, TheEnginesOwnStandInTheDefaultQueue) {
  job_kind_catalogue kinds;
  add_engine_kinds(kinds);
  const auto* check = kinds.find("integrations.check_updates");
  const auto* root = kinds.find("integration.process");
  ASSERT_TRUE(check && root);
  EXPECT_EQ(check->queue, "default");
  EXPECT_EQ(check->timeout, 60s);
  EXPECT_EQ(check->max_attempts, 1) << "the next check comes soon";
  expect_defaults(*root, "default", 5min, 4, "list 1m 5m 10m");
}

TEST(job_kinds, TheDueCheckIsMadeEveryHalfMinuteAndNeverBesideItself) {
  const auto check = check_updates_schedule();
  EXPECT_EQ(check.name, "check-integration-updates");
  EXPECT_EQ(check.kind, "integrations.check_updates");
  EXPECT_EQ(check.rule, "every 30s");
  EXPECT_EQ(check.overlap, overlap_policy::skip);
  EXPECT_TRUE(check.enabled);
}

} // namespace
} // namespace penstock::actors
