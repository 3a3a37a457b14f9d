#include "node/periodic_task.hpp"

#include <atomic>
#include <future>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

namespace penstock::node {
namespace {

constexpr auto limit = std::chrono::seconds(30);

TEST(periodic_task, GoesOnAfterAnException) {
  std::atomic<int> calls{0};
  std::promise<void> third;
  periodic_task task(std::chrono::milliseconds(1), [&] {
    if (++calls == 3)
      third.set_value();
    throw std::runtime_error("this call went wrong");
  });
  EXPECT_EQ(third.get_future().wait_for(limit), std::future_status::ready);
  task.stop();
}

TEST(periodic_task, StopWaitsForNoPause) {
  std::atomic<int> calls{0};
  periodic_task task(std::chrono::hours(1), [&] { ++calls; });
  task.stop();
  task.stop();
  EXPECT_EQ(calls, 0);
}

TEST(periodic_task, StopWaitsForACallUnderWay) {
  std::promise<void> begun, may_end;
  std::atomic<bool> ended{false};
  periodic_task task(std::chrono::milliseconds(1), [&, once = false]() mutable {
    if (std::exchange(once, true))
      return;
    begun.set_value();
    may_end.get_future().wait_for(limit);
    ended = true;
  });
  ASSERT_EQ(begun.get_future().wait_for(limit), std::future_status::ready);
  may_end.set_value();
  task.stop();
  EXPECT_TRUE(ended);
}

} // namespace
} // namespace penstock::node
