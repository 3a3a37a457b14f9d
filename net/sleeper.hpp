#pragma once

#include "core/time.hpp"
#include "net/asio.hpp"

namespace penstock::net {

/// How a coroutine waits. Injected, so that tests own the time that passes between retries.
/// Cancelling the coroutine ends the sleep with `boost::system::system_error(operation_aborted)`, as Asio's timers do.
class sleeper {
public:
  virtual ~sleeper() = default;
  /// Suspends the calling coroutine. Nothing happens for a zero or negative length.
  [[nodiscard]] virtual asio::awaitable<void> sleep(duration length) = 0;
};

/// Sleeps in real time on the executor of the calling coroutine. Thread-safe: it has no state.
class timer_sleeper : public sleeper {
public:
  [[nodiscard]] asio::awaitable<void> sleep(duration length) override;
};

} // namespace penstock::net
