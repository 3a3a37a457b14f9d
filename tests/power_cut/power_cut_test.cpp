#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "tests/power_cut/power_line.hpp"

// The real store on a disk that forgets what was not synced, from seeds.
//   PENSTOCK_SEED=N     plays that seed alone
//   PENSTOCK_LONG=1     100 cuts instead of 15
namespace penstock::power_cut {
namespace {

constexpr int cuts_a_seed = 5;

std::string told(std::uint64_t seed, const cut_report& report) {
  std::string text = "seed " + std::to_string(seed) + ":";
  for (const auto& each : report.complaints)
    text += "\n  " + each;
  return text;
}

TEST(power_cut, WhatWasAcknowledgedIsThereAfterEachCut) {
  const char* one = std::getenv("PENSTOCK_SEED");
  const std::uint64_t first = one ? std::strtoull(one, nullptr, 10) : 1;
  const std::uint64_t last = one ? first : std::getenv("PENSTOCK_LONG") ? 20 : 3;
  cut_report all;
  for (auto seed = first; seed <= last; ++seed) {
    const auto report = play({.seed = seed, .cuts = cuts_a_seed});
    std::cout << "seed " << seed << ": " << report.cuts << " cuts, " << report.acknowledged << " acknowledged, "
              << report.missing << " missing\n";
    all.cuts += report.cuts;
    all.opened += report.opened;
    all.commits_in_checkpoints += report.commits_in_checkpoints;
    all.acknowledged += report.acknowledged;
    all.missing += report.missing;
    all.half += report.half;
    EXPECT_TRUE(report.complaints.empty()) << told(seed, report);
  }
  std::cout << "power cuts: rounds " << all.cuts << ", opened " << all.opened << ", acknowledged " << all.acknowledged
            << ", missing " << all.missing << ", half " << all.half << ", commits inside a checkpoint "
            << all.commits_in_checkpoints << '\n';
  EXPECT_EQ(all.opened, all.cuts);
  EXPECT_EQ(all.missing, 0);
  EXPECT_EQ(all.half, 0);
  if (one)
    return;
  EXPECT_GT(all.commits_in_checkpoints, 0);
  EXPECT_GT(all.acknowledged, 20 * all.cuts) << "too little was at stake";
}

TEST(power_cut, ASeedLeadsToTheSameAgain) {
  const auto one = play({.seed = 2, .cuts = 2}), two = play({.seed = 2, .cuts = 2}),
             other = play({.seed = 3, .cuts = 2});
  EXPECT_EQ(one.acknowledged, two.acknowledged);
  EXPECT_NE(one.acknowledged, other.acknowledged);
}

/// A fault, and a complaint that shows that it was found.
struct planting {
  std::string name;
  disk_lie lie = disk_lie::none;
  storage::synchronous_mode synchronous = storage::synchronous_mode::full;
  std::string complaint;
};
void PrintTo(const planting& one, std::ostream* out) { *out << one.name; }

class planted : public ::testing::TestWithParam<planting> {};

TEST_P(planted, FaultIsFound) {
  const auto& wanted = GetParam();
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const auto report = play({.seed = seed, .cuts = cuts_a_seed, .lie = wanted.lie, .synchronous = wanted.synchronous});
    for (const auto& each : report.complaints)
      if (each.find(wanted.complaint) != std::string::npos) {
        std::cout << wanted.name << ": found by seed " << seed << ": " << each << '\n';
        return;
      }
  }
  FAIL() << wanted.name << " was not found";
}
INSTANTIATE_TEST_SUITE_P(
  faults, planted,
  ::testing::Values(
    planting{"a_disk_that_never_syncs", disk_lie::nothing_synced, storage::synchronous_mode::full, "missing"},
    planting{"a_log_that_is_not_synced", disk_lie::log_not_synced, storage::synchronous_mode::full, "missing"},
    planting{"a_database_that_is_not_synced_before_its_log_begins_anew", disk_lie::database_not_synced,
             storage::synchronous_mode::full, "does not open"},
    planting{"a_folder_that_is_not_synced", disk_lie::folder_not_synced, storage::synchronous_mode::full, "missing"},
    planting{"commits_without_a_sync", disk_lie::none, storage::synchronous_mode::normal, "missing"}),
  [](const auto& info) { return info.param.name; });

} // namespace
} // namespace penstock::power_cut
