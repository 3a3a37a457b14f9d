#include <gtest/gtest.h>

#include "core/token_bucket.hpp"

// Tokens that nodes spend before they hear of each other.
namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr timestamp t0{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};
constexpr token_rate ten_a_second{1, 10, 1s};

} // namespace

TEST(token_bucket_debt, WhoSpentTooMuchWaitsTheLonger) {
  token_bucket bucket{ten_a_second, t0};
  bucket.spend(2, t0);
  EXPECT_EQ(bucket.available(t0), 0);
  EXPECT_EQ(bucket.time_until(1, t0), 200ms);
  EXPECT_FALSE(bucket.try_take(1, t0 + 199ms));
  EXPECT_TRUE(bucket.try_take(1, t0 + 200ms));
}

TEST(token_bucket_debt, IsAtMostABucketFull) {
  token_bucket bucket{token_rate{3, 10, 1s}, t0};
  bucket.spend(1'000'000, t0);
  EXPECT_EQ(bucket.time_until(1, t0), 400ms);
}

TEST(token_bucket_debt, OutlivesItsProcess) {
  token_bucket bucket{ten_a_second, t0};
  bucket.spend(2, t0);
  const token_bucket next{ten_a_second, bucket.state()};
  EXPECT_EQ(next.time_until(1, t0), 200ms);
}

} // namespace penstock
