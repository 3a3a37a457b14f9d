#pragma once

#include <future>
#include <stdexcept>

#include <boost/asio.hpp>

#include "net/asio.hpp"

namespace penstock::net::testing {

/// Runs a coroutine that needs no network on the calling thread.
template <class T>
T run_here(asio::awaitable<T> work) {
  asio::io_context context;
  auto done = asio::co_spawn(context, std::move(work), asio::use_future);
  context.run();
  if (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    throw std::runtime_error("the coroutine waits for something that does not come");
  return done.get();
}

} // namespace penstock::net::testing
