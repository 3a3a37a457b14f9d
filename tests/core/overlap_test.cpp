#include "core/overlap.hpp"

#include <gtest/gtest.h>

namespace penstock {
namespace {

using enum overlap_policy;

TEST(overlap, NothingOpenFiresUnderEveryPolicy) {
  for (const auto policy : {skip, queue_one, queue_all, cancel_running, allow})
    EXPECT_EQ(decide_overlap(policy, 0), overlap_decision::fire) << to_string(policy);
}

TEST(overlap, EachPolicyMeetsAnOpenFiringItsOwnWay) {
  EXPECT_EQ(decide_overlap(skip, 1), overlap_decision::skip);
  EXPECT_EQ(decide_overlap(queue_one, 1), overlap_decision::queue);
  EXPECT_EQ(decide_overlap(queue_one, 2), overlap_decision::skip);
  EXPECT_EQ(decide_overlap(queue_all, 2), overlap_decision::queue);
  EXPECT_EQ(decide_overlap(queue_all, most_queued_firings), overlap_decision::queue);
  EXPECT_EQ(decide_overlap(queue_all, most_queued_firings + 1), overlap_decision::skip);
  EXPECT_EQ(decide_overlap(cancel_running, 3), overlap_decision::cancel_and_fire);
  EXPECT_EQ(decide_overlap(allow, 3), overlap_decision::fire);
}

TEST(overlap, NamesAreReadBack) {
  for (const auto policy : {skip, queue_one, queue_all, cancel_running, allow})
    EXPECT_EQ(parse_overlap_policy(to_string(policy)), policy);
  EXPECT_EQ(parse_overlap_policy("queue"), std::nullopt);
}

} // namespace
} // namespace penstock
