#include "node/file_limit.hpp"

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

TEST(file_limit, ConnectionsLeaveRoomForTheRest) {
  EXPECT_EQ(connections_within(65'536), 1024U);
  EXPECT_EQ(connections_within(1'280), 1024U);
  EXPECT_EQ(connections_within(1'024), 768U);
  EXPECT_EQ(connections_within(256), 128U);
}

TEST(file_limit, RaisingItTwiceIsRaisingItOnce) { EXPECT_EQ(raise_file_limit(), raise_file_limit()); }

} // namespace
} // namespace penstock::node
