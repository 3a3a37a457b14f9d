#include "core/token_bucket.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr timestamp t0{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};
constexpr token_rate ten_a_second{10, 10, 1s};

TEST(token_bucket, StartsFullAndGivesNoMore) {
  token_bucket bucket{ten_a_second, t0};
  for (int i = 0; i < 10; ++i)
    EXPECT_TRUE(bucket.try_take(1, t0));
  EXPECT_FALSE(bucket.try_take(1, t0));
}

TEST(token_bucket, RefillsEvenly) {
  token_bucket bucket{ten_a_second, t0};
  EXPECT_TRUE(bucket.try_take(10, t0));
  EXPECT_FALSE(bucket.try_take(1, t0 + 99'999us));
  EXPECT_TRUE(bucket.try_take(1, t0 + 100ms));
  EXPECT_FALSE(bucket.try_take(1, t0 + 199'999us));
  EXPECT_TRUE(bucket.try_take(1, t0 + 200ms));
  EXPECT_EQ(bucket.available(t0 + 700ms), 5);
}

TEST(token_bucket, NeverHoldsMoreThanItsCapacity) {
  token_bucket bucket{ten_a_second, t0};
  EXPECT_EQ(bucket.available(t0 + 99'999h), 10);
  EXPECT_TRUE(bucket.try_take(10, t0 + 99'999h));
  EXPECT_FALSE(bucket.try_take(1, t0 + 99'999h));
}

TEST(token_bucket, TakesAllOrNothing) {
  token_bucket bucket{ten_a_second, t0};
  EXPECT_TRUE(bucket.try_take(8, t0));
  EXPECT_FALSE(bucket.try_take(3, t0));
  EXPECT_TRUE(bucket.try_take(2, t0));
}

TEST(token_bucket, TimeUntilIsExact) {
  token_bucket bucket{{5, 7, 1s}, t0}; // 142,857 1/7 us a token
  EXPECT_EQ(bucket.time_until(5, t0), 0s);
  EXPECT_EQ(bucket.time_until(6, t0), duration::max());
  ASSERT_TRUE(bucket.try_take(5, t0));
  const auto wait = bucket.time_until(1, t0);
  EXPECT_EQ(wait, 142'858us);
  EXPECT_FALSE(token_bucket(bucket).try_take(1, t0 + wait - 1us));
  EXPECT_TRUE(token_bucket(bucket).try_take(1, t0 + wait));
}

TEST(token_bucket, BlocksEverythingUntilTold) {
  token_bucket bucket{ten_a_second, t0};
  bucket.block_until(t0 + 30s, t0);
  EXPECT_EQ(bucket.time_until(1, t0 + 10s), 20s);
  bucket.block_until(t0 + 20s, t0 + 10s); // an earlier end does not shorten it
  EXPECT_EQ(bucket.time_until(1, t0 + 10s), 20s);
  EXPECT_FALSE(bucket.try_take(1, t0 + 30s - 1us));
  EXPECT_EQ(bucket.available(t0 + 30s - 1us), 0);
  EXPECT_TRUE(bucket.try_take(1, t0 + 30s));
}

TEST(token_bucket, LongStepBackNeitherGivesNorStarves) {
  token_bucket bucket{ten_a_second, t0};
  ASSERT_TRUE(bucket.try_take(10, t0));
  EXPECT_FALSE(bucket.try_take(1, t0 - 1h));
  EXPECT_TRUE(bucket.try_take(1, t0 - 1h + 100ms));
}

TEST(token_bucket, LongStepBackDoesNotLengthenABlock) {
  token_bucket bucket{ten_a_second, t0};
  bucket.block_until(t0 + 30s, t0);
  EXPECT_EQ(bucket.time_until(1, t0 - 1h), 30s);
  EXPECT_FALSE(bucket.try_take(1, t0 - 1h));
  EXPECT_FALSE(bucket.try_take(1, t0 - 1h + 30s - 1us));
  EXPECT_TRUE(bucket.try_take(1, t0 - 1h + 30s));
}

TEST(token_bucket, TwoNodesWithClocksApartEarnNothingByIt) {
  token_bucket bucket{ten_a_second, t0};
  ASSERT_TRUE(bucket.try_take(10, t0));
  int taken = 0;
  // One node is five seconds ahead; they take turns for ten seconds.
  for (int i = 0; i < 1000; ++i) {
    const auto now = t0 + i * 10ms;
    taken += bucket.try_take(1, now);
    taken += bucket.try_take(1, now + 5s);
  }
  EXPECT_LE(taken, 150);
  EXPECT_GE(taken, 100);
}

TEST(token_bucket, WaitsOutASmallStepBack) {
  token_bucket bucket{ten_a_second, t0};
  ASSERT_TRUE(bucket.try_take(10, t0));
  const auto wait = bucket.time_until(1, t0 - 5s);
  EXPECT_EQ(wait, 5100ms);
  EXPECT_TRUE(bucket.try_take(1, t0 - 5s + wait));
}

TEST(token_bucket, ProviderMayLowerButNotRaiseIt) {
  token_bucket bucket{ten_a_second, t0};
  bucket.lower_to(3, t0);
  EXPECT_EQ(bucket.available(t0), 3);
  bucket.lower_to(9, t0);
  EXPECT_EQ(bucket.available(t0), 3);
  bucket.lower_to(-1, t0);
  EXPECT_EQ(bucket.available(t0), 0);
}

TEST(token_bucket, GoesOnFromItsSnapshot) {
  token_bucket bucket{ten_a_second, t0};
  ASSERT_TRUE(bucket.try_take(7, t0));
  token_bucket other{ten_a_second, bucket.state()};
  EXPECT_EQ(other.available(t0), 3);
  EXPECT_EQ(other.state(), bucket.state());
  // A smaller rate than the one that was stored does not overfill.
  EXPECT_EQ(token_bucket({2, 1, 1ms}, bucket.state()).available(t0), 2);
}

TEST(token_bucket, NeverExceedsItsRateInAnyWindow) {
  seeded_random random{12};
  const token_rate rate{20, 50, 3s};
  token_bucket bucket{rate, t0};
  timestamp now = t0;
  std::int64_t taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += duration{static_cast<std::int64_t>(uniform(random, 100'000))};
    const auto n = static_cast<std::int64_t>(1 + uniform(random, 5));
    const auto wait = bucket.time_until(n, now);
    const bool taken_now = bucket.try_take(n, now);
    ASSERT_EQ(taken_now, wait == 0s);
    taken += taken_now ? n : 0;
    ASSERT_LE(taken, rate.capacity + (now - t0) * rate.refill / rate.interval);
  }
  EXPECT_GT(taken, (now - t0) * rate.refill / rate.interval * 9 / 10);
}

TEST(token_bucket, LargestRateDoesNotOverflow) {
  const token_rate rate{1'000'000, 1'000'000, std::chrono::days{31}};
  ASSERT_TRUE(validate(rate));
  token_bucket bucket{rate, no_time};
  EXPECT_TRUE(bucket.try_take(1'000'000, no_time));
  EXPECT_EQ(bucket.available(t0), 1'000'000);
  EXPECT_EQ(bucket.time_until(1'000'000, no_time), std::chrono::days{31});
}

TEST(token_bucket, RatesOutOfRangeAreNamed) {
  for (const auto& [rate, word] : std::vector<std::pair<token_rate, std::string>>{{{0, 1, 1s}, "capacity"},
                                                                                  {{1'000'001, 1, 1s}, "capacity"},
                                                                                  {{1, 0, 1s}, "refill"},
                                                                                  {{1, 1, 999us}, "interval"},
                                                                                  {{1, 1, 745h}, "interval"}}) {
    const auto checked = validate(rate);
    ASSERT_FALSE(checked);
    EXPECT_NE(checked.error().message.find(word), std::string::npos);
  }
  EXPECT_TRUE(validate(ten_a_second));
}

} // namespace
} // namespace penstock
