#include "net/manual_sleeper.hpp"

#include <algorithm>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace penstock::net {

/// A timer that never fires by itself stands for the sleep: ending it early is the one thread-safe way to resume.
struct manual_sleeper::waiter {
  waiter(asio::any_io_executor executor, duration due)
      : timer(executor, asio::steady_timer::time_point::max()), due(due) {}
  asio::steady_timer timer;
  duration due;
  bool released = false; ///< used on the timer's executor only
};

manual_sleeper::manual_sleeper(mode how) : mode_(how) {}
manual_sleeper::~manual_sleeper() = default;

asio::awaitable<void> manual_sleeper::sleep(duration length) {
  const auto executor = co_await asio::this_coro::executor;
  std::shared_ptr<waiter> self;
  {
    const std::scoped_lock lock(mutex_);
    slept_.push_back(length);
    if (length <= duration::zero())
      co_return;
    if (mode_ == mode::skip) {
      elapsed_ += length;
    } else {
      self = std::make_shared<waiter>(executor, elapsed_ + length);
      waiters_.push_back(self);
    }
  }
  if (!self) {
    if (on_skip)
      on_skip(length);
    co_return;
  }
  co_await self->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!self->released) {
    const std::scoped_lock lock(mutex_);
    std::erase(waiters_, self);
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

void manual_sleeper::advance(duration step) {
  std::vector<std::shared_ptr<waiter>> due;
  {
    const std::scoped_lock lock(mutex_);
    elapsed_ += step;
    const auto awake =
      std::stable_partition(waiters_.begin(), waiters_.end(), [&](const auto& w) { return w->due > elapsed_; });
    due.assign(awake, waiters_.end());
    waiters_.erase(awake, waiters_.end());
  }
  std::stable_sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a->due < b->due; });
  for (auto& w : due)
    asio::post(w->timer.get_executor(), [w] {
      w->released = true;
      w->timer.cancel();
    });
}

std::vector<duration> manual_sleeper::slept() const {
  const std::scoped_lock lock(mutex_);
  return slept_;
}

std::size_t manual_sleeper::waiting() const {
  const std::scoped_lock lock(mutex_);
  return waiters_.size();
}

duration manual_sleeper::elapsed() const {
  const std::scoped_lock lock(mutex_);
  return elapsed_;
}

} // namespace penstock::net
