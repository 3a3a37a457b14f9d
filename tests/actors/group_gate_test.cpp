#include "actors/group_gate.hpp"

#include <gtest/gtest.h>

namespace penstock::actors {
namespace {

using namespace std::chrono_literals;

const timestamp now{std::chrono::hours(500'000)};

class group_gate_test : public ::testing::Test {
protected:
  group_gate_test() {
    job_kind budgeted;
    budgeted.name = "budgeted";
    budgeted.budget = token_rate{2, 1, 1s};
    kinds.add(budgeted);
    job_kind paused;
    paused.name = "paused";
    paused.pause_after = call_pause{5, 500ms};
    kinds.add(paused);
    job_kind narrow;
    narrow.name = "narrow";
    narrow.credential_at_once = 1;
    kinds.add(narrow);
    kinds.add(job_kind::fetch("pull"));
    kinds.add(job_kind::process("store"));
  }
  static ready_job job(const std::string& group, const std::string& kind = "plain") {
    ready_job made;
    made.kind = kind;
    made.group_key = group;
    return made;
  }
  bool is_open(const ready_job& of, timestamp at = now) { return !gate.closed_for(of, at); }

  job_kind_catalogue kinds;
  group_gate gate{{}, kinds};
};

} // namespace

TEST_F(group_gate_test, ABlockStandsForAllBelowItsPrefixAndNoOther) {
  gate.block("7/12", now + 1min);
  EXPECT_FALSE(is_open(job("7/12")));
  EXPECT_FALSE(is_open(job("7/12/pots")));
  EXPECT_TRUE(is_open(job("7/13")));
  EXPECT_TRUE(is_open(job("7")));
  EXPECT_TRUE(is_open(job("7/123")));
  gate.block("7/12", now + 1s);
  EXPECT_FALSE(is_open(job("7/12"), now + 59s)) << "an earlier end does not shorten it";
  EXPECT_TRUE(is_open(job("7/12"), now + 1min));
}

TEST_F(group_gate_test, ABlockHoldsCallsAndNotTheStoringOfWhatWasFetched) {
  gate.block("7/12", now + 1min);
  EXPECT_FALSE(is_open(job("7/12/pots", "pull")));
  EXPECT_TRUE(is_open(job("7/12/pots", "store")));
}

TEST_F(group_gate_test, AnEmptyBudgetClosesItsCredential) {
  const auto call = job("7/12", "budgeted");
  gate.enter(call, now);
  EXPECT_TRUE(is_open(call));
  gate.enter(call, now);
  const auto closed = gate.closed_for(call, now);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->prefix, "7/12");
  EXPECT_EQ(closed->until, now + 1s);
  EXPECT_TRUE(is_open(job("7/13", "budgeted")));
  const auto spent = gate.take_spendings();
  ASSERT_EQ(spent.size(), 1u);
  EXPECT_EQ(spent[0].name, "group 7/12");
  EXPECT_EQ(spent[0].tokens, 2);
  EXPECT_TRUE(gate.take_spendings().empty());
}

TEST_F(group_gate_test, WhatOthersSpentIsLearned) {
  const auto call = job("7/12", "budgeted");
  gate.enter(call, now);
  static_cast<void>(gate.take_spendings());
  const token_bucket others{token_rate{2, 1, 1s}, token_bucket::snapshot{-1'000'000, now, now + 1h}};
  gate.learned("7/12", others.state());
  EXPECT_FALSE(is_open(call, now + 59min));
  EXPECT_TRUE(is_open(call, now + 1h));
}

TEST_F(group_gate_test, WhileCallsAreCountedNothingOfTheCredentialStarts) {
  const auto call = job("7/12", "paused");
  gate.enter(call, now);
  EXPECT_TRUE(is_open(call));
  gate.count(call);
  EXPECT_FALSE(is_open(call));
  EXPECT_EQ(gate.leave(call), (std::vector<std::string>{"7", "7/12"}));
  EXPECT_TRUE(is_open(call));
}

TEST_F(group_gate_test, AKindMayWantFewerAtOnceThanItsQueue) {
  const auto call = job("7/12", "narrow");
  gate.enter(call, now);
  EXPECT_FALSE(is_open(call));
  EXPECT_TRUE(is_open(job("7/12")));
  EXPECT_TRUE(is_open(job("7/13", "narrow")));
}

} // namespace penstock::actors
