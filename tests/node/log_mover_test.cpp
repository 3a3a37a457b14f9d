#include "node/log_mover.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "core/manual_clock.hpp"

namespace penstock::node {
namespace {

class log_moving : public ::testing::Test {
protected:
  log_moving() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(told);
    sink->set_pattern("%l: %v");
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
  }
  ~log_moving() override { spdlog::set_default_logger(before); }

  /// What the next `seconds` runs, one a second, say.
  std::string run(int seconds) {
    told.str({});
    for (int i = 0; i < seconds; ++i) {
      clock.advance(std::chrono::seconds(1));
      level.commits += commits_a_second;
      aut.run();
    }
    return told.str();
  }
  static std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  const std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::ostringstream told;
  manual_clock clock{timestamp{std::chrono::hours(1)}};
  bool full = false;
  int calls = 0;
  std::int64_t left = 0; ///< bytes, after a move
  unsigned commits_a_second = 1;
  storage::log_level level{0, log_mover::enough_bytes};
  log_mover aut{clock, [this] { return level; },
                [this]() -> result<std::int64_t> {
                  ++calls;
                  if (full)
                    return failure(error_code::storage_full, "make room");
                  return left;
                }};
};

TEST_F(log_moving, AShortLogIsMovedWhenNothingMoreComes) {
  level.bytes = log_mover::enough_bytes - 1;
  run(10);
  EXPECT_EQ(calls, 0);
  commits_a_second = 0;
  run(10);
  EXPECT_EQ(calls, 1);
}

TEST_F(log_moving, ALongOneEachTimeThatSomethingCame) {
  run(10);
  EXPECT_EQ(calls, 10);
  commits_a_second = 0;
  run(10);
  EXPECT_EQ(calls, 10);
}

TEST_F(log_moving, WhatAReaderHeldIsMovedLater) {
  left = 4096;
  level = {1, 4096};
  commits_a_second = 0;
  run(5);
  EXPECT_EQ(calls, 4) << "at the first look it may still be growing";
  left = 0;
  run(5);
  EXPECT_EQ(calls, 5);
}

TEST_F(log_moving, TroubleIsTriedAgainEachTimeAndToldOnceInHalfAMinute) {
  EXPECT_EQ(run(5), "");
  full = true;
  const auto first = run(1);
  EXPECT_EQ(lines(first), 1u) << first;
  EXPECT_NE(first.find("warning"), std::string::npos) << first;
  EXPECT_NE(first.find("make room"), std::string::npos) << first;
  EXPECT_EQ(run(29), "");
  EXPECT_EQ(lines(run(30)), 1u);
  EXPECT_EQ(calls, 65);
  full = false;
  const auto over = run(1);
  EXPECT_NE(over.find("info"), std::string::npos) << over;
  EXPECT_EQ(run(5), "");
}

TEST_F(log_moving, AClockThatStepsBackDoesNotSilenceIt) {
  full = true;
  EXPECT_EQ(lines(run(1)), 1u);
  clock.advance(-std::chrono::minutes(30));
  EXPECT_EQ(lines(run(1)), 1u);
}

} // namespace
} // namespace penstock::node
