#include "net/sleeper.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace penstock::net {

asio::awaitable<void> timer_sleeper::sleep(duration length) {
  if (length <= duration::zero())
    co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(length);
  co_await timer.async_wait(asio::use_awaitable);
}

} // namespace penstock::net
