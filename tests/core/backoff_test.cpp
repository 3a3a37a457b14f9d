#include "core/backoff.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using namespace std::chrono_literals;

class fixed_random : public random_source {
public:
  explicit fixed_random(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

private:
  std::uint64_t value_;
};

fixed_random lowest{0};
fixed_random highest{~std::uint64_t{0}};

backoff_policy parsed(std::string_view text) {
  auto policy = backoff_policy::parse(text);
  EXPECT_TRUE(policy) << policy.error().message;
  return policy.value_or(backoff_policy{});
}

TEST(backoff, GivesEachRetryItsDelay) {
  const struct {
    const char* text;
    std::vector<duration> delays; // before retry 1, 2, ...
  } rows[] = {
    {"list 60s 300s 600s", {1min, 5min, 10min, 10min, 10min}},
    {"list 0s", {0s, 0s}},
    {"fixed 60s", {1min, 1min, 1min}},
    {"exponential 500ms x2 cap 10s", {500ms, 1s, 2s, 4s, 8s, 10s, 10s}},
    {"exponential 1s x1.5 cap 1m", {1s, 1500ms, 2250ms}},
    {"exponential 1s x1 cap 1s", {1s, 1s}},
  };
  for (const auto& row : rows) {
    const auto policy = parsed(row.text);
    for (std::size_t i = 0; i < row.delays.size(); ++i)
      EXPECT_EQ(policy.delay_before(static_cast<int>(i) + 1, lowest), row.delays[i]) << row.text << " retry " << i + 1;
  }
}

TEST(backoff, HugeRetryNumbersStayAtTheCap) {
  const auto policy = parsed("exponential 500ms x100 cap 30d");
  EXPECT_EQ(policy.delay_before(1'000'000, lowest), std::chrono::days{30});
  EXPECT_EQ(policy.delay_before(INT32_MAX, lowest), std::chrono::days{30});
  EXPECT_EQ(parsed("exponential 0s x2 cap 10s").delay_before(5, lowest), 0s);
}

TEST(backoff, NumbersBelowOneCountAsTheFirst) {
  const auto policy = parsed("list 1s 2s");
  EXPECT_EQ(policy.delay_before(0, lowest), 1s);
  EXPECT_EQ(policy.delay_before(-5, lowest), 1s);
}

TEST(backoff, JitterOnlyShortens) {
  const auto policy = parsed("fixed 10s jitter 0.5");
  EXPECT_EQ(policy.delay_before(1, lowest), 10s);
  EXPECT_NEAR(static_cast<double>(policy.delay_before(1, highest).count()), 5e6, 2);
  seeded_random random{1};
  duration sum{0};
  for (int i = 0; i < 1000; ++i) {
    const auto delay = policy.delay_before(1, random);
    ASSERT_GE(delay, 5s);
    ASSERT_LE(delay, 10s);
    sum += delay;
  }
  EXPECT_NEAR(static_cast<double>(sum.count()) / 1000, 7.5e6, 2e5);
}

TEST(backoff, TextRoundTrips) {
  for (const char* text :
       {"list 1m 5m 10m", "fixed 1m", "exponential 500ms x2 cap 10s jitter 0.5", "list 0s jitter 1",
        "exponential 1s x1.5 cap 1h", "fixed 1h30m jitter 0.25"}) {
    const auto policy = parsed(text);
    EXPECT_EQ(to_string(policy), text);
    EXPECT_EQ(parsed(to_string(policy)), policy);
  }
}

TEST(backoff, MakersAgreeWithText) {
  EXPECT_EQ(backoff_policy::list({1min, 5min}), parsed("list 60s 300s"));
  EXPECT_EQ(backoff_policy::fixed(1min), parsed("fixed 1m"));
  EXPECT_EQ(backoff_policy::exponential(500ms, 2, 10s).with_jitter(0.5),
            parsed("exponential 500ms x2 cap 10s jitter 0.5"));
  EXPECT_EQ(backoff_policy{}, backoff_policy::fixed(1min));
}

TEST(backoff, RefusesBadText) {
  for (const char* text :
       {"", "  ", "list", "fixed", "fixed 1s 2s", "linear 1s", "list 5", "list -1s", "exponential 1s", "jitter 0.5",
        "exponential 1s 2 cap 10s", "exponential 1s x0.5 cap 10s", "exponential 1s x101 cap 10s",
        "exponential 10s x2 cap 1s", "exponential 1s x2 cap", "exponential 1s xnan cap 10s", "fixed 1s jitter 2",
        "fixed 1s jitter nan", "fixed 1s jitter -0.1", "fixed 1s jitter", "fixed 31d",
        "list 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s 1s"}) {
    const auto policy = backoff_policy::parse(text);
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().code, error_code::bad_configuration);
  }
}

TEST(backoff, RetryAfterWinsWhenLonger) {
  const auto policy = parsed("fixed 60s");
  EXPECT_EQ(effective_delay(policy, 1, std::nullopt, lowest), 60s);
  EXPECT_EQ(effective_delay(policy, 1, 10s, lowest), 60s);
  EXPECT_EQ(effective_delay(policy, 1, 90s, lowest), 90s);
}

} // namespace
} // namespace penstock
