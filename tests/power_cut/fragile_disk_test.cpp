#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "tests/power_cut/fragile_disk.hpp"

namespace penstock::power_cut {
namespace {

class fragile_disk_test : public ::testing::Test {
protected:
  fragile_disk_test() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-disk-XXXXXX").string();
    folder = std::string{::mkdtemp(pattern.data())};
  }
  ~fragile_disk_test() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string& name) const { return (folder / name).string(); }

  /// What different seeds leave of a file; "-" where it is gone.
  template <class Script>
  std::set<std::string> outcomes(const std::string& name, Script script) {
    std::set<std::string> all;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      fragile_disk disk(folder, seed, 1'000'000, disk_lie::none);
      script(disk);
      const auto left = disk.survivors().find(name);
      all.insert(left == disk.survivors().end() ? "-" : left->second);
    }
    return all;
  }

  std::filesystem::path folder;
};

TEST_F(fragile_disk_test, WhatIsSyncedWithItsFolderIsThereForCertain) {
  const auto left = outcomes("a", [this](fragile_disk& disk) {
    ASSERT_TRUE(disk.created(path("a")));
    ASSERT_TRUE(disk.wrote(path("a"), 0, "hello"));
    ASSERT_TRUE(disk.synced(path("a"), true));
  });
  EXPECT_EQ(left, std::set<std::string>{"hello"});
}

TEST_F(fragile_disk_test, AFileWhoseFolderWasNotSyncedMayBeGoneAndOneThatWasRemovedMayComeBack) {
  EXPECT_EQ(outcomes("a",
                     [this](fragile_disk& disk) {
                       ASSERT_TRUE(disk.created(path("a")));
                       ASSERT_TRUE(disk.wrote(path("a"), 0, "hello"));
                       ASSERT_TRUE(disk.synced(path("a"), false));
                     }),
            (std::set<std::string>{"-", "hello"}));
  std::ofstream{path("b")} << "old";
  EXPECT_EQ(outcomes("b", [this](fragile_disk& disk) { ASSERT_TRUE(disk.removed(path("b"), false)); }),
            (std::set<std::string>{"-", "old"}));
  EXPECT_EQ(outcomes("b", [this](fragile_disk& disk) { ASSERT_TRUE(disk.removed(path("b"), true)); }),
            (std::set<std::string>{"-"}));
}

TEST_F(fragile_disk_test, SectorsThatWereNotSyncedSurviveOneByOne) {
  std::ofstream{path("a")} << std::string(1024, 'o');
  const auto left =
    outcomes("a", [this](fragile_disk& disk) { ASSERT_TRUE(disk.wrote(path("a"), 0, std::string(1024, 'n'))); });
  const std::string old(512, 'o'), fresh(512, 'n');
  EXPECT_TRUE(left.contains(old + old));
  EXPECT_TRUE(left.contains(fresh + fresh));
  EXPECT_TRUE(left.contains(old + fresh)) << "the later sector without the earlier";
  EXPECT_TRUE(left.contains(fresh + old));
  EXPECT_EQ(left.size(), 4u);
}

TEST_F(fragile_disk_test, NothingHappensOnceThePowerIsGone) {
  fragile_disk disk(folder, 1, 2, disk_lie::none);
  EXPECT_TRUE(disk.created(path("a")));
  EXPECT_FALSE(disk.synced(path("a"), true)) << "the power fails before it is done";
  EXPECT_FALSE(disk.has_power());
  EXPECT_FALSE(disk.wrote(path("a"), 0, "x"));
  EXPECT_FALSE(disk.created(path("b")));
  EXPECT_EQ(disk.changes(), 2u);
}

} // namespace
} // namespace penstock::power_cut
