#include "gateway/try_limit.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"

namespace penstock::gateway {
namespace {

using namespace std::chrono_literals;

class try_limits : public ::testing::Test {
protected:
  duration attempt(const std::string& key = "anna") { return limit.begin(key, clock.now()).wait; }
  manual_clock clock;
  try_limit limit{3, 20min};
};

TEST_F(try_limits, AFewAreFreeAndThenEachPauseIsTwiceTheLast) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(attempt(), 0s);
  duration pause = 1s;
  for (int i = 0; i < 4; ++i, pause *= 2) {
    EXPECT_EQ(attempt(), pause);
    clock.advance(pause - 1ms);
    EXPECT_EQ(attempt(), 1ms) << "asking too early does not count";
    clock.advance(1ms);
    EXPECT_EQ(attempt(), 0s);
  }
}

TEST_F(try_limits, PausesEndAtAQuarterOfAnHour) {
  for (int i = 0; i < 40; ++i) {
    clock.advance(attempt());
    static_cast<void>(attempt());
  }
  EXPECT_EQ(attempt(), try_limit::longest_pause);
}

TEST_F(try_limits, OneKeyIsHeldAgainstNoOther) {
  for (int i = 0; i < 4; ++i)
    static_cast<void>(attempt());
  EXPECT_GT(attempt(), 0s);
  EXPECT_EQ(attempt("ben"), 0s);
}

TEST_F(try_limits, WhoKnewItStartsAnew) {
  for (int i = 0; i < 3; ++i)
    static_cast<void>(attempt());
  limit.clear("anna");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(attempt(), 0s);
  EXPECT_GT(attempt(), 0s);
}

TEST_F(try_limits, ATryThatWasCalledOffCountsForNothing) {
  for (int i = 0; i < 20; ++i) {
    const auto tried = limit.begin("anna", clock.now());
    EXPECT_EQ(tried.wait, 0s);
    limit.call_off("anna", tried);
  }
}

TEST_F(try_limits, WhoeverKnewItDoesNotProlongThePauseOfOthers) {
  for (int i = 0; i < 8; ++i) {
    clock.advance(attempt());
    static_cast<void>(attempt());
  }
  const auto pause = attempt();
  ASSERT_GT(pause, 10s);
  clock.advance(pause);
  const auto tried = limit.begin("anna", clock.now());
  ASSERT_EQ(tried.wait, 0s);
  limit.call_off("anna", tried);
  EXPECT_EQ(attempt(), 0s) << "as if nobody had been there";
}

TEST_F(try_limits, ATryThatIsCalledOffLateTakesNothingFromThoseAfterIt) {
  const auto first = limit.begin("anna", clock.now());
  static_cast<void>(attempt());
  static_cast<void>(attempt());
  limit.call_off("anna", first);
  EXPECT_EQ(attempt(), 0s);
  EXPECT_GT(attempt(), 0s);
}

TEST_F(try_limits, ManyAtOnceAreNoMoreThanOneAfterTheOther) {
  int let_in = 0;
  for (int i = 0; i < 100; ++i)
    let_in += attempt() == 0s ? 1 : 0;
  EXPECT_EQ(let_in, 3) << "a try counts when it begins, not when it ends";
}

TEST_F(try_limits, FailuresAreForgottenOneByOne) {
  for (int i = 0; i < 3; ++i)
    static_cast<void>(attempt());
  clock.advance(20min);
  EXPECT_EQ(attempt(), 0s);
  EXPECT_GT(attempt(), 0s);
  clock.advance(2h);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(attempt(), 0s);
}

TEST_F(try_limits, NobodyCanFillTheMemory) {
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(attempt("first"), 0s);
  clock.advance(1s);
  for (std::size_t i = 0; i < try_limit::most; ++i)
    EXPECT_EQ(attempt("other " + std::to_string(i)), 0s);
  EXPECT_EQ(attempt("first"), 0s) << "the one that failed longest ago made room";
}

} // namespace
} // namespace penstock::gateway
