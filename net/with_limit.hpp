#pragma once

#include <chrono>
#include <optional>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/asio.hpp"

namespace penstock::net {

using steady_moment = std::chrono::steady_clock::time_point;

/// Returns when `limit` has passed; it may be moved later meanwhile, on the same strand.
inline asio::awaitable<void> sleep_until(const steady_moment& limit) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (std::chrono::steady_clock::now() < limit) {
    timer.expires_at(limit);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

/// The result of `work`, or nothing if `limit` passed first; `work` is then cancelled and has ended.
/// `limit` must outlive the call. `work` must not throw but when it is cancelled. For .cpp files: a heavy header.
template <class T>
asio::awaitable<std::optional<T>> with_limit(asio::awaitable<T> work, const steady_moment& limit) {
  using namespace asio::experimental::awaitable_operators;
  auto first = co_await (std::move(work) || sleep_until(limit));
  if (first.index() == 1)
    co_return std::nullopt;
  co_return std::optional<T>(std::get<0>(std::move(first)));
}

} // namespace penstock::net
