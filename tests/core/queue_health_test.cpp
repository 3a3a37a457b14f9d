#include "core/queue_health.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using namespace std::chrono_literals;

constexpr timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 8}};

std::vector<std::string> kinds_of(const queue_facts& facts, const queue_thresholds& thresholds = {}) {
  std::vector<std::string> kinds;
  for (const auto& each : judge_queue(facts, thresholds, now))
    kinds.push_back(each.kind);
  return kinds;
}
using kinds = std::vector<std::string>;

} // namespace

TEST(queue_health, MoreThanTheThresholdsIsAWarning) {
  EXPECT_EQ(kinds_of({.failed = 100}), kinds{});
  EXPECT_EQ(kinds_of({.failed = 101}), kinds{"failed"});
  EXPECT_EQ(kinds_of({.waiting = 1'000}), kinds{});
  EXPECT_EQ(kinds_of({.waiting = 1'001}), kinds{"waiting"});
  EXPECT_EQ(kinds_of({.waiting = 3}, {.waiting = 2}), kinds{"waiting"});
}

TEST(queue_health, NothingEndsWhileWorkWaits) {
  queue_facts facts{
    .waiting = 1, .oldest_waiting_since = now - 10min, .began_at = now - 1h, .last_ended_at = now - 5min};
  EXPECT_EQ(kinds_of(facts), kinds{"stalled"});
  facts.last_ended_at = now - 4min;
  EXPECT_EQ(kinds_of(facts), kinds{});
  facts.last_ended_at = no_time;
  facts.began_at = now - 4min;
  EXPECT_EQ(kinds_of(facts), kinds{}) << "the node has just begun";
  facts.began_at = now - 1h;
  facts.oldest_waiting_since = now - 1min;
  EXPECT_EQ(kinds_of(facts), kinds{}) << "it waits for a minute only";
  facts.oldest_waiting_since = now - 10min;
  facts.paused = true;
  EXPECT_EQ(kinds_of(facts), kinds{});
}

TEST(queue_health, ADatabaseThatTakesNothingIsAWarning) {
  EXPECT_EQ(kinds_of({.commits_delayed = 1}), kinds{"database"});
}

} // namespace penstock
