#pragma once

#include <atomic>
#include <cstdint>

namespace penstock::node {

/// SIGTERM, SIGINT and SIGHUP as something that one thread waits for. Make it before any other thread: threads inherit
/// that these signals are held back. There is one in a process.
class stop_signals {
public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  enum class kind : std::uint8_t { stop, reload, woken };
  /// Waits, without limit: a node runs until it is told to stop.
  [[nodiscard]] kind wait();

  /// Makes `wait` return `woken`. From any thread.
  void wake() noexcept;

  /// From now on SIGTERM and SIGINT end the process where it stands, with status 1.
  static void end_at_next();

private:
  std::atomic<bool> woken_{false};
};

} // namespace penstock::node
