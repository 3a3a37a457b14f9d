#include "node/page_size.hpp"

#include <sys/prctl.h>

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

TEST(page_size, HugePagesAreLeftToOthers) {
  keep_pages_small();
  EXPECT_EQ(::prctl(PR_GET_THP_DISABLE, 0UL, 0UL, 0UL, 0UL), 1);
}

} // namespace
} // namespace penstock::node
