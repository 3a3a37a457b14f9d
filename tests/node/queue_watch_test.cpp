#include "node/queue_watch.hpp"

#include <gtest/gtest.h>

#include "core/manual_clock.hpp"

namespace penstock::node {
namespace {

class queue_watch_test : public ::testing::Test {
protected:
  queue_watch_test()
      : aut(
          {{"strict", {.failed = 1}}}, clock, [this] { return facts; },
          [this](unit_of_work unit) -> result<unit_result> {
            if (broken)
              return failure(error_code::storage_busy, "busy");
            for (const auto& change : unit.changes) {
              const auto& told = std::get<set_queue_warning>(change);
              if (told.on || told_off)
                said.push_back(told.queue + " " + told.kind + (told.on ? " on" : " off"));
            }
            return unit_result{};
          }) {}

  std::vector<std::string> look() {
    said.clear();
    aut.look();
    return said;
  }
  static queue_facts queue(std::string name, std::int64_t failed) {
    queue_facts made;
    made.name = std::move(name);
    made.failed = failed;
    return made;
  }

  manual_clock clock;
  result<std::vector<queue_facts>> facts{std::vector<queue_facts>{}};
  bool broken = false, told_off = false;
  std::vector<std::string> said;
  queue_watch aut;
};
using lines = std::vector<std::string>;

} // namespace

TEST_F(queue_watch_test, TroubleIsToldWhenItBeginsAndWhenItIsOver) {
  facts = std::vector{queue("default", 5)};
  EXPECT_EQ(look(), lines{});
  facts = std::vector{queue("default", 101)};
  EXPECT_EQ(look(), lines{"default failed on"});
  EXPECT_EQ(look(), lines{});
  told_off = true;
  facts = std::vector{queue("default", 3)};
  EXPECT_EQ(look(), lines{"default failed off"});
  EXPECT_EQ(look(), lines{});
}

TEST_F(queue_watch_test, WhatTheLastProcessLeftIsTakenBack) {
  told_off = true;
  facts = std::vector{queue("default", 5)};
  EXPECT_EQ(look(),
            (lines{"default failed off", "default waiting off", "default stalled off", "default database off"}));
}

TEST_F(queue_watch_test, WhatWasNotStoredIsToldAgain) {
  facts = std::vector{queue("default", 101)};
  broken = true;
  EXPECT_EQ(look(), lines{});
  broken = false;
  EXPECT_EQ(look(), lines{"default failed on"});
}

TEST_F(queue_watch_test, AQueueMayHaveThresholdsOfItsOwn) {
  facts = std::vector{queue("strict", 2), queue("default", 2)};
  EXPECT_EQ(look(), lines{"strict failed on"});
}

} // namespace penstock::node
