#include "core/manual_clock.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "core/system_clock.hpp"

namespace penstock {
namespace {

using namespace std::chrono_literals;

TEST(manual_clock, StandsStillUntilTold) {
  manual_clock clock{timestamp{5s}};
  EXPECT_EQ(clock.now(), timestamp{5s});
  EXPECT_EQ(clock.now(), timestamp{5s});
  clock.advance(250ms);
  EXPECT_EQ(clock.now(), timestamp{5250ms});
}

TEST(manual_clock, CanStepBack) {
  manual_clock clock{timestamp{1h}};
  clock.advance(-2h);
  EXPECT_EQ(clock.now(), timestamp{-1h});
  clock.set(timestamp{7s});
  EXPECT_EQ(clock.now(), timestamp{7s});
}

TEST(manual_clock, LosesNoStepOfTwoThreads) {
  manual_clock clock;
  auto steps = [&] {
    for (int i = 0; i < 10'000; ++i)
      clock.advance(1us);
  };
  std::thread other(steps);
  steps();
  other.join();
  EXPECT_EQ(clock.now(), timestamp{20ms});
}

TEST(system_clock, AgreesWithTheOperatingSystem) {
  const system_wall_clock clock;
  const auto before = std::chrono::floor<duration>(std::chrono::system_clock::now());
  const auto seen = clock.now();
  const auto after = std::chrono::floor<duration>(std::chrono::system_clock::now());
  EXPECT_LE(before, seen);
  EXPECT_LE(seen, after);
}

} // namespace
} // namespace penstock
