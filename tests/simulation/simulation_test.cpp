#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/simulation/simulated_node.hpp"

// The engine under a deterministic scheduler, a manual clock and injected faults, from seeds.
//   PENSTOCK_SEED=N     plays that seed alone and prints its history
//   PENSTOCK_LONG=1     2,000 seeds instead of 200
namespace penstock::simulation {
namespace {

constexpr int operations = 1000;
constexpr std::uint64_t shards = 10;

std::uint64_t seeds() {
#if defined(__SANITIZE_ADDRESS__)
  return 40; // an eighth of the speed
#else
  return std::getenv("PENSTOCK_LONG") ? 2000 : 200;
#endif
}

simulation_report play(std::uint64_t seed, planted_fault fault = planted_fault::none) {
  return simulated_node(seed, fault).run(operations);
}

std::string told(std::uint64_t seed, const simulation_report& report) {
  std::string text = "seed " + std::to_string(seed) + " after " + std::to_string(report.operations) + " operations:";
  for (const auto& each : report.violations)
    text += "\n  " + each;
  return text;
}

class simulation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(simulation, WhatMustHoldHoldsAfterEachOperation) {
  if (const char* one = std::getenv("PENSTOCK_SEED")) {
    const auto report = play(std::strtoull(one, nullptr, 10));
    for (const auto& line : report.history)
      std::cout << line << '\n';
    ASSERT_TRUE(report.violations.empty()) << told(std::strtoull(one, nullptr, 10), report);
    return;
  }
  std::uint64_t deaths = 0, faults = 0, jobs = 0, played = 0;
  for (auto seed = 1 + GetParam(); seed <= seeds(); seed += shards, ++played) {
    const auto report = play(seed);
    ASSERT_TRUE(report.violations.empty()) << told(seed, report);
    ASSERT_EQ(report.operations, operations);
    deaths += static_cast<std::uint64_t>(report.deaths);
    faults += static_cast<std::uint64_t>(report.storage_faults);
    jobs += report.jobs;
  }
  std::cout << played << " seeds of " << operations << " operations: " << jobs << " jobs, " << deaths << " deaths, "
            << faults << " storage faults\n";
}
INSTANTIATE_TEST_SUITE_P(seeds, simulation, ::testing::Range<std::uint64_t>(0, shards));

TEST(simulation_replay, ASeedGivesTheSameHistoryAgain) {
  const auto first = play(7), second = play(7), other = play(8);
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.history, second.history);
  EXPECT_NE(first.digest, other.digest);
}

/// A planted fault, and what must be said of it: another complaint would not have found it.
struct planting {
  planted_fault fault;
  std::string complaint;
};
void PrintTo(const planting& one, std::ostream* out) { *out << name_of(one.fault); }

class planted : public ::testing::TestWithParam<planting> {};

TEST_P(planted, FaultIsFound) {
  const auto& [fault, complaint] = GetParam();
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto report = play(seed, fault);
    for (const auto& each : report.violations)
      if (each.find(complaint) != std::string::npos) {
        std::cout << name_of(fault) << ": found by seed " << seed << " after " << report.operations
                  << " operations: " << each << '\n';
        return;
      }
  }
  FAIL() << name_of(fault) << " was not found by 40 seeds";
}
INSTANTIATE_TEST_SUITE_P(
  faults, planted,
  ::testing::Values(planting{planted_fault::lost_completion, "took effect and has not completed"},
                    planting{planted_fault::lost_effect, "completed without its effect"},
                    planting{planted_fault::doubled_effect, "took effect 2 times"},
                    planting{planted_fault::skipped_rows, "which is not stored"},
                    planting{planted_fault::lost_follow_up, "completed with its cursor at"},
                    planting{planted_fault::doubled_firing, "made 2 jobs of 1 occurrences"},
                    planting{planted_fault::lost_event, "the bus told event"},
                    planting{planted_fault::doubled_event, "the bus told event"},
                    planting{planted_fault::early_answer, "was answered and is not stored"},
                    planting{planted_fault::lost_news, "is left waiting"},
                    planting{planted_fault::retry_made_final, "of its attempts do"},
                    planting{planted_fault::dropped_unique_key, "both hold the key"},
                    planting{planted_fault::orphaned_child, "children"},
                    planting{planted_fault::forgotten_pause, "started in the paused queue"},
                    planting{planted_fault::forgotten_cancel, "after its cancellation was answered"},
                    planting{planted_fault::dropped_claim, "is no suspect"},
                    planting{planted_fault::forgotten_suspects, "is no suspect"}),
  [](const auto& info) { return std::string(name_of(info.param.fault)); });

TEST(simulation_plantings, EachFaultHasItsTest) {
  const auto* suite = ::testing::UnitTest::GetInstance();
  int tests = 0;
  for (int i = 0; i < suite->total_test_suite_count(); ++i)
    if (std::string(suite->GetTestSuite(i)->name()) == "faults/planted")
      tests = suite->GetTestSuite(i)->total_test_count();
  EXPECT_EQ(tests, static_cast<int>(planted_fault::fault_count) - 1);
}

} // namespace
} // namespace penstock::simulation
