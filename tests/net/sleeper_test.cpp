#include "net/sleeper.hpp"

#include <gtest/gtest.h>

#include <boost/asio.hpp>

#include "net/io_runtime.hpp"
#include "net/manual_sleeper.hpp"
#include "tests/net/run_here.hpp"

namespace penstock::net {
namespace {

using namespace std::chrono_literals;

TEST(timer_sleeper, SleepsAtLeastAsLongAsAsked) {
  timer_sleeper sleeper;
  const auto begun = std::chrono::steady_clock::now();
  testing::run_here([](class sleeper& s) -> asio::awaitable<bool> {
    co_await s.sleep(5ms);
    co_await s.sleep(0ms);
    co_await s.sleep(-5ms);
    co_return true;
  }(sleeper));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 5ms);
}

TEST(timer_sleeper, CancelledSleepThrows) {
  timer_sleeper sleeper;
  asio::io_context context;
  asio::cancellation_signal cancel;
  std::exception_ptr ended;
  asio::co_spawn(context, sleeper.sleep(24h),
                 asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) { ended = e; }));
  context.poll();
  cancel.emit(asio::cancellation_type::terminal);
  context.restart();
  context.poll();
  EXPECT_THROW(std::rethrow_exception(ended), boost::system::system_error);
}

TEST(manual_sleeper, SleepersWakeInTheOrderOfTheirTimes) {
  manual_sleeper sleeper;
  asio::io_context context;
  std::string order;
  const auto spawn = [&](char name, duration length) {
    asio::co_spawn(
      context,
      [&sleeper, &order, name, length]() -> asio::awaitable<void> {
        co_await sleeper.sleep(length);
        order += name;
      },
      asio::detached);
  };
  spawn('c', 30s);
  spawn('a', 10s);
  spawn('b', 20s);
  context.poll();
  EXPECT_EQ(sleeper.waiting(), 3u);
  sleeper.advance(9s);
  context.poll();
  EXPECT_EQ(order, "");
  sleeper.advance(11s);
  context.poll();
  EXPECT_EQ(order, "ab");
  sleeper.advance(10s);
  context.poll();
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(sleeper.slept(), (std::vector<duration>{30s, 10s, 20s}));
  EXPECT_EQ(sleeper.elapsed(), 30s);
}

TEST(manual_sleeper, SkippingCountsTheTimeAsPassed) {
  manual_sleeper sleeper(manual_sleeper::mode::skip);
  duration told{0};
  sleeper.on_skip = [&](duration length) { told += length; };
  testing::run_here([](manual_sleeper& s) -> asio::awaitable<bool> {
    co_await s.sleep(3h);
    co_await s.sleep(1s);
    co_return true;
  }(sleeper));
  EXPECT_EQ(sleeper.elapsed(), 3h + 1s);
  EXPECT_EQ(told, 3h + 1s);
}

TEST(io_runtime, RunsWorkOnItsThreadsAndStops) {
  io_runtime runtime(2);
  runtime.start();
  runtime.start();
  auto where = asio::co_spawn(
    runtime.executor(), []() -> asio::awaitable<std::thread::id> { co_return std::this_thread::get_id(); },
    asio::use_future);
  EXPECT_NE(where.get(), std::this_thread::get_id());
  EXPECT_TRUE(runtime.stop());
  EXPECT_TRUE(runtime.stop());
}

TEST(io_runtime, StopDoesNotWaitForEverForBlockedWork) {
  io_runtime runtime(1);
  runtime.start();
  std::promise<void> entered;
  std::promise<void> release;
  asio::post(runtime.context(), [&] {
    entered.set_value();
    release.get_future().wait();
  });
  entered.get_future().wait();
  EXPECT_FALSE(runtime.stop(10ms));
  release.set_value();
  EXPECT_TRUE(runtime.stop());
}

TEST(io_runtime, WithoutThreadsTheCallerDrives) {
  io_runtime runtime(0);
  runtime.start();
  bool ran = false;
  asio::post(runtime.context(), [&] { ran = true; });
  EXPECT_FALSE(ran);
  runtime.context().poll();
  EXPECT_TRUE(ran);
}

TEST(io_runtime, SuspendedCoroutinesAreDestroyedWithIt) {
  auto alive = std::make_shared<int>(1);
  {
    io_runtime runtime(1);
    runtime.start();
    std::promise<void> asleep;
    asio::co_spawn(
      runtime.executor(),
      [&asleep, alive]() -> asio::awaitable<void> {
        asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        asleep.set_value();
        co_await never.async_wait(asio::use_awaitable);
      },
      asio::detached);
    asleep.get_future().wait();
    EXPECT_TRUE(runtime.stop());
  }
  EXPECT_EQ(alive.use_count(), 1);
}

} // namespace
} // namespace penstock::net
