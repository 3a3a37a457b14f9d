#include "node/disk_watch.hpp"

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

class disk_watching : public ::testing::Test {
protected:
  std::optional<std::int64_t> left;
  std::vector<bool> heard; ///< open or closed, in order
  std::optional<error> reason;
  disk_watch aut{100'000'000, [this] { return left; },
                 [this](std::optional<error> why) {
                   heard.push_back(!why);
                   reason = std::move(why);
                 }};

  void look_at(std::optional<std::int64_t> bytes) {
    left = bytes;
    aut.look();
  }
};

} // namespace

TEST_F(disk_watching, IntakeIsClosedOnceBelowTheLimitAndOpenedWithSomeRoomAbove) {
  look_at(100'000'000);
  EXPECT_TRUE(heard.empty());
  look_at(99'999'999);
  look_at(50'000'000);
  EXPECT_EQ(heard, std::vector<bool>{false});
  EXPECT_EQ(reason->code, error_code::storage_full);
  look_at(105'000'000);
  EXPECT_EQ(heard.size(), 1u) << "so that it does not flicker";
  look_at(110'000'000);
  EXPECT_EQ(heard, (std::vector<bool>{false, true}));
}

TEST_F(disk_watching, WhatIsNotKnownChangesNothing) {
  look_at(std::nullopt);
  look_at(1);
  look_at(std::nullopt);
  EXPECT_EQ(heard, std::vector<bool>{false});
}

TEST(disk_space, FreeSpaceOfAFolderIsKnownAndOfNoneIsNot) {
  EXPECT_GT(free_space_of(std::filesystem::temp_directory_path()).value_or(0), 0);
  EXPECT_EQ(free_space_of("/no/such/folder"), std::nullopt);
}

} // namespace penstock::node
