#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/sleeper.hpp"

namespace penstock::net {

/// A sleeper for tests: records every sleep and lets the test say when time passes. Thread-safe.
class manual_sleeper : public sleeper {
public:
  enum class mode {
    held, ///< a sleep ends when `advance` has moved past its end
    skip  ///< a sleep ends at once, and its length counts as passed
  };

  explicit manual_sleeper(mode how = mode::held);
  ~manual_sleeper() override;

  [[nodiscard]] asio::awaitable<void> sleep(duration length) override;

  /// Moves time on. The coroutines whose sleep has ended are resumed on their own executors.
  void advance(duration step);

  /// Every length asked for, in order.
  [[nodiscard]] std::vector<duration> slept() const;
  /// How many coroutines are asleep now.
  [[nodiscard]] std::size_t waiting() const;
  /// Time since construction.
  [[nodiscard]] duration elapsed() const;

  /// Called with each length in `skip` mode: lets a test move its manual_clock along. Set before use.
  std::function<void(duration)> on_skip;

private:
  struct waiter;

  const mode mode_;
  mutable std::mutex mutex_;
  duration elapsed_{0};
  std::vector<duration> slept_;
  std::vector<std::shared_ptr<waiter>> waiters_;
};

} // namespace penstock::net
