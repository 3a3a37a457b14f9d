#include "net/hold_off.hpp"

#include <gtest/gtest.h>

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

constexpr timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

std::optional<duration> wish(int status, std::initializer_list<std::pair<const char*, std::string>> headers) {
  http_response answer;
  answer.status = status;
  for (const auto& [name, value] : headers)
    answer.headers.add(name, value);
  return hold_off_of(answer, now);
}

} // namespace

TEST(hold_off, TooManyRequestsIsLeftAloneAsLongAsItSays) {
  EXPECT_EQ(wish(429, {{"Retry-After", "120"}}), 120s);
  EXPECT_EQ(wish(429, {{"X-RateLimit-Reset", "30"}}), 30s);
  EXPECT_EQ(wish(429, {}), 5s);
  EXPECT_EQ(wish(429, {{"Retry-After", "99999999"}}), 24h);
}

TEST(hold_off, SpentBudgetIsLearnedFromAGoodAnswer) {
  const auto in_a_minute =
    std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() + 60);
  EXPECT_EQ(wish(200, {{"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "7"}}), 7s);
  EXPECT_EQ(wish(200, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", in_a_minute}}), 60s);
  EXPECT_EQ(wish(200, {{"RateLimit-Remaining", "1"}, {"RateLimit-Reset", "7"}}), std::nullopt);
  EXPECT_EQ(wish(200, {{"RateLimit-Remaining", "none"}, {"RateLimit-Reset", "7"}}), std::nullopt);
  EXPECT_EQ(wish(200, {{"Retry-After", "7"}}), std::nullopt);
}

TEST(hold_off, UnavailableIsLeftAloneOnlyIfItSaysHowLong) {
  EXPECT_EQ(wish(503, {{"Retry-After", "9"}}), 9s);
  EXPECT_EQ(wish(503, {}), std::nullopt);
  EXPECT_EQ(wish(500, {{"Retry-After", "9"}}), std::nullopt);
}

} // namespace penstock::net
