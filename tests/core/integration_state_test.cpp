#include "core/integration_state.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace penstock {
namespace {

using namespace std::chrono_literals;
using status = integration_status;
using state = integration_schedule_state;

constexpr timestamp t0{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

state in(status s) {
  state st = connected(1h, t0);
  st.status = s;
  if (s != status::idle && s != status::failed)
    st.next_due_at = no_time;
  return st;
}

state begun(const state& st, timestamp now) {
  const auto after = triggered(st, now);
  EXPECT_TRUE(after) << after.error().message;
  return after.value_or(st);
}

TEST(integration_state, NamesAndNumbersAreStable) {
  const char* names[] = {"idle", "processing", "failed", "requires_reauth", "paused", "disconnected"};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(to_string(static_cast<status>(i)), names[i]);
    EXPECT_EQ(parse_integration_status(names[i]), static_cast<status>(i));
  }
  EXPECT_EQ(parse_integration_status("ACTIVE"), std::nullopt);
}

TEST(integration_state, NeverUpdatedIsDueAtOnce) {
  const auto st = connected(1h, t0);
  EXPECT_TRUE(is_due(st, t0));
  EXPECT_FALSE(is_due(st, t0 - 1us));
}

TEST(integration_state, WithoutFrequencyTheDueCheckNeverTakesIt) {
  auto st = connected(0s, t0);
  EXPECT_FALSE(is_due(st, t0 + 9999h));
  st = begun(st, t0); // a schedule of its own
  st = run_succeeded(st, t0 + 1min);
  EXPECT_FALSE(is_due(st, t0 + 9999h));
  st = run_failed(begun(st, t0 + 1h), t0 + 2h, false);
  EXPECT_FALSE(is_due(st, t0 + 9999h));
}

TEST(integration_state, SuccessIsDueAgainAfterItsFrequency) {
  auto st = begun(connected(1h, t0), t0);
  EXPECT_EQ(st.status, status::processing);
  EXPECT_FALSE(is_due(st, t0 + 99h));
  st = run_succeeded(st, t0 + 5min);
  EXPECT_EQ(st.status, status::idle);
  EXPECT_EQ(st.last_successful_update_at, t0 + 5min);
  EXPECT_FALSE(is_due(st, t0 + 1h + 5min - 1us));
  EXPECT_TRUE(is_due(st, t0 + 1h + 5min));
}

TEST(integration_state, TriggeringTooEarlyIsRefusedUnlessForced) {
  const auto st = run_succeeded(begun(connected(1h, t0), t0), t0 + 5min);
  const auto early = triggered(st, t0 + 35min);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, error_code::conflict);
  EXPECT_NE(early.error().message.find("30m"), std::string::npos) << early.error().message;
  EXPECT_TRUE(triggered(st, t0 + 35min, true));
}

TEST(integration_state, ForceNeverOverlapsNorPassesAPauseOrMissingConsent) {
  for (const auto s : {status::processing, status::requires_reauth, status::paused, status::disconnected})
    for (const bool force : {false, true}) {
      const auto after = triggered(in(s), t0 + 99h, force);
      ASSERT_FALSE(after) << to_string(s);
      EXPECT_NE(after.error().message.find(to_string(s)), std::string::npos);
    }
}

TEST(integration_state, FailureWaitDoublesUpToADay) {
  EXPECT_EQ(failure_wait(30min, 0), 0s);
  EXPECT_EQ(failure_wait(30min, 1), 1h);
  EXPECT_EQ(failure_wait(30min, 2), 2h);
  EXPECT_EQ(failure_wait(30min, 5), 16h);
  EXPECT_EQ(failure_wait(30min, 6), 24h);
  EXPECT_EQ(failure_wait(30min, INT32_MAX), 24h);
  EXPECT_EQ(failure_wait(168h, 1), 24h);
  EXPECT_EQ(failure_wait(0s, 5), 0s);
  EXPECT_EQ(failure_wait(duration::max(), 5), 24h);
}

TEST(integration_state, FailureClearsTheTriggerAndWaits) {
  auto st = run_failed(begun(connected(1h, t0), t0), t0 + 1min, false);
  EXPECT_EQ(st.status, status::failed);
  EXPECT_EQ(st.last_triggered_at, no_time);
  EXPECT_EQ(st.consecutive_failures, 1);
  EXPECT_FALSE(is_due(st, t0 + 1min + 2h - 1us));
  EXPECT_TRUE(is_due(st, t0 + 1min + 2h));
  st = run_failed(begun(st, t0 + 3h), t0 + 3h, false);
  EXPECT_EQ(st.next_due_at, t0 + 3h + 4h);
  st = run_succeeded(begun(st, t0 + 8h), t0 + 8h);
  EXPECT_EQ(st.consecutive_failures, 0);
  EXPECT_EQ(st.next_due_at, t0 + 9h);
}

TEST(integration_state, MissingConsentWaitsForAPerson) {
  auto st = run_failed(begun(connected(1h, t0), t0), t0 + 1min, true);
  EXPECT_EQ(st.status, status::requires_reauth);
  EXPECT_FALSE(is_due(st, t0 + 9999h));
  EXPECT_FALSE(paused(st));
  st = reauthorised(st, t0 + 50h);
  EXPECT_EQ(st.status, status::idle);
  EXPECT_EQ(st.consecutive_failures, 0);
  EXPECT_TRUE(is_due(st, t0 + 50h));
}

TEST(integration_state, ReauthorisingConnectsAgainButLeavesAnOpenRun) {
  EXPECT_EQ(reauthorised(in(status::paused), t0).status, status::idle);
  EXPECT_EQ(reauthorised(in(status::disconnected), t0).status, status::idle);
  EXPECT_EQ(reauthorised(in(status::processing), t0).status, status::processing);
}

TEST(integration_state, PauseStopsTheCheckAndResumeContinues) {
  auto st = run_succeeded(begun(connected(1h, t0), t0), t0);
  st = paused(st).value();
  EXPECT_FALSE(is_due(st, t0 + 9999h));
  EXPECT_TRUE(is_due(resumed(st, t0 + 5h).value(), t0 + 5h));
  EXPECT_EQ(resumed(st, t0 + 10min).value().next_due_at, t0 + 1h);
  EXPECT_FALSE(resumed(in(status::idle), t0));
  EXPECT_FALSE(paused(in(status::disconnected)));
}

TEST(integration_state, RunThatEndsWhilePausedOrDisconnectedStaysSo) {
  const auto running = begun(connected(1h, t0), t0);
  for (const auto& st : {paused(running).value(), disconnected(running)}) {
    const auto good = run_succeeded(st, t0 + 1min);
    EXPECT_EQ(good.status, st.status);
    EXPECT_EQ(good.last_successful_update_at, t0 + 1min);
    EXPECT_FALSE(is_due(good, t0 + 9999h));
    const auto bad = run_failed(st, t0 + 1min, true);
    EXPECT_EQ(bad.status, st.status);
    EXPECT_EQ(bad.consecutive_failures, 1);
    EXPECT_FALSE(is_due(bad, t0 + 9999h));
  }
}

TEST(integration_state, LostRunIsRepairedWithoutCountingAsAFailure) {
  const auto st = run_lost(begun(connected(1h, t0), t0), t0 + 10min);
  EXPECT_EQ(st.status, status::idle);
  EXPECT_EQ(st.consecutive_failures, 0);
  EXPECT_TRUE(is_due(st, t0 + 10min));
}

TEST(integration_state, CancelledRunWaitsOneFrequencyAndCountsAsNoFailure) {
  auto st = run_cancelled(begun(connected(1h, t0), t0), t0 + 10min);
  EXPECT_EQ(st.status, status::idle);
  EXPECT_EQ(st.consecutive_failures, 0);
  EXPECT_EQ(st.last_triggered_at, t0);
  EXPECT_EQ(st.next_due_at, t0 + 10min + 1h);
  EXPECT_TRUE(triggered(st, t0 + 11min, true)) << "a person may start it again at once";

  st = run_failed(begun(connected(1h, t0), t0), t0, false);
  st = run_cancelled(begun(st, t0 + 2h), t0 + 2h);
  EXPECT_EQ(st.status, status::failed);
  EXPECT_EQ(st.consecutive_failures, 1);
  EXPECT_EQ(st.next_due_at, t0 + 3h);
  EXPECT_EQ(run_cancelled(begun(connected(0s, t0), t0), t0).next_due_at, no_time);
}

TEST(integration_state, RunThatIsCancelledWhilePausedStaysSo) {
  const auto running = begun(connected(1h, t0), t0);
  for (auto st : {paused(running).value(), disconnected(running)}) {
    const auto before = st.status;
    st = run_cancelled(st, t0 + 1min);
    EXPECT_EQ(st.status, before);
    EXPECT_FALSE(is_due(st, t0 + 9999h));
  }
}

TEST(integration_state, ChangedFrequencyMovesTheNextUpdate) {
  const auto st = run_succeeded(begun(connected(1h, t0), t0), t0);
  EXPECT_EQ(with_frequency(st, 15min, t0 + 1min).next_due_at, t0 + 15min);
  EXPECT_EQ(with_frequency(st, 0s, t0 + 1min).next_due_at, no_time);
  const auto bad = run_failed(begun(connected(1h, t0), t0), t0, false);
  EXPECT_EQ(with_frequency(bad, 2h, t0 + 1h).next_due_at, t0 + 5h);
}

TEST(integration_state, RandomMovesNeverMakeATightLoopOrAnOverlap) {
  seeded_random random{9};
  for (int round = 0; round < 200; ++round) {
    timestamp now = t0;
    state st = connected(duration{std::chrono::minutes{1 + uniform(random, 3000)}}, now);
    timestamp last_failure = no_time;
    for (int i = 0; i < 100; ++i) {
      now += std::chrono::minutes{uniform(random, 600)};
      switch (uniform(random, 9)) {
        case 0:
        case 1:
        case 2:
          if (is_due(st, now)) {
            ASSERT_TRUE(st.status == status::idle || st.status == status::failed);
            if (st.status == status::failed && last_failure != no_time) {
              ASSERT_GE(now - last_failure, failure_wait(st.frequency, st.consecutive_failures));
            }
            st = begun(st, now);
          }
          break;
        case 3:
          if (st.status == status::processing)
            st = run_succeeded(st, now);
          break;
        case 4:
          if (st.status == status::processing) {
            st = run_failed(st, now, uniform(random, 4) == 0);
            last_failure = now;
          }
          break;
        case 8:
          if (st.status == status::processing)
            st = run_cancelled(st, now);
          break;
        case 5:
          st = reauthorised(st, now);
          last_failure = no_time;
          break;
        case 6:
          if (const auto after = paused(st))
            st = *after;
          break;
        case 7:
          if (const auto after = resumed(st, now)) {
            st = *after;
            last_failure = no_time;
          }
          break;
      }
      const bool may_be_taken = st.status == status::idle || st.status == status::failed;
      ASSERT_EQ(st.next_due_at != no_time, may_be_taken) << to_string(st.status);
    }
  }
}

} // namespace
} // namespace penstock
