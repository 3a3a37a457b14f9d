#include "core/retry_decision.hpp"

#include <gtest/gtest.h>

namespace penstock {

void PrintTo(const retry_decision& decision, std::ostream* out) {
  *out << "{" << static_cast<int>(decision.what) << ", " << decision.delay.count() << " us}";
}

namespace {

using namespace std::chrono_literals;
using action = retry_decision::action;

const auto policy = backoff_policy::list({1min, 5min, 10min});

retry_decision decide(int attempt, error problem, int max_attempts = 4, duration age = 1min) {
  seeded_random random{1};
  return decide_retry(attempt, max_attempts, age, problem, policy, random);
}

TEST(retry_decision, ThreeRetriesAreFourRunsAndUseEachDelay) {
  const int max_attempts = attempts_for_retries(3);
  const error problem{error_code::network, "refused"};
  EXPECT_EQ(decide(1, problem, max_attempts), (retry_decision{action::retry, 1min}));
  EXPECT_EQ(decide(2, problem, max_attempts), (retry_decision{action::retry, 5min}));
  EXPECT_EQ(decide(3, problem, max_attempts), (retry_decision{action::retry, 10min}));
  EXPECT_EQ(decide(4, problem, max_attempts), (retry_decision{action::fail, 0s}));
}

TEST(retry_decision, OneAttemptIsNeverRetried) {
  EXPECT_EQ(decide(1, {error_code::timed_out, ""}, 1).what, action::fail);
}

TEST(retry_decision, EachCodeFollowsItsClass) {
  for (int i = 1; i < static_cast<int>(error_code::code_count); ++i) {
    const auto code = static_cast<error_code>(i);
    const auto got = decide(1, {code, "x"}).what;
    switch (classify(code)) {
      case error_class::retryable: EXPECT_EQ(got, action::retry) << to_string(code); break;
      case error_class::final: EXPECT_EQ(got, action::fail) << to_string(code); break;
      case error_class::postponed: EXPECT_EQ(got, action::postpone) << to_string(code); break;
    }
  }
}

TEST(retry_decision, HandlerNamedClassWins) {
  EXPECT_EQ(decide(1, {error_code::network, "", {}, error_class::final}).what, action::fail);
  EXPECT_EQ(decide(1, {error_code::not_found, "", {}, error_class::retryable}).what, action::retry);
}

TEST(retry_decision, ShortRetryAfterLengthensTheDelayAndCostsTheAttempt) {
  seeded_random random{1};
  const error problem{error_code::rate_limited, "", 20s};
  EXPECT_EQ(decide_retry(1, 4, 1min, problem, backoff_policy::fixed(5s), random), (retry_decision{action::retry, 20s}));
  EXPECT_EQ(decide(1, {error_code::rate_limited, "", 30s}), (retry_decision{action::retry, 1min}));
}

TEST(retry_decision, LongRetryAfterPostponesAtNoCostEvenOnTheLastAttempt) {
  EXPECT_EQ(decide(1, {error_code::rate_limited, "", 31s}), (retry_decision{action::postpone, 31s}));
  EXPECT_EQ(decide(4, {error_code::provider_unavailable, "", 1h}), (retry_decision{action::postpone, 1h}));
}

TEST(retry_decision, ProviderThatSaysLaterForDaysUsesUpTheAttempts) {
  const error later{error_code::rate_limited, "", 1h};
  EXPECT_EQ(decide(4, later, 4, 72h), (retry_decision{action::postpone, 1h}));
  EXPECT_EQ(decide(1, later, 4, 73h), (retry_decision{action::retry, 1h}));
  EXPECT_EQ(decide(4, later, 4, 73h).what, action::fail);
  EXPECT_EQ(decide(4, {error_code::unavailable, ""}, 4, 73h).what, action::postpone);
}

TEST(retry_decision, FinalErrorsIgnoreRetryAfter) {
  EXPECT_EQ(decide(1, {error_code::forbidden, "", 1h}).what, action::fail);
}

TEST(retry_decision, PostponementsWaitALittleUnlessTold) {
  EXPECT_EQ(decide(9, {error_code::conflict, ""}), (retry_decision{action::postpone, conflict_pause}));
  EXPECT_EQ(decide(9, {error_code::unavailable, ""}), (retry_decision{action::postpone, unavailable_pause}));
  EXPECT_EQ(decide(9, {error_code::unavailable, "", 5s}), (retry_decision{action::postpone, 5s}));
}

} // namespace
} // namespace penstock
