#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "core/error.hpp"

namespace penstock::gateway {

/// An answer that is awaited. Given once: by whoever was asked, or by the watch when that took too long.
class open_answer {
public:
  virtual ~open_answer() = default;
  [[nodiscard]] bool given() const noexcept { return given_.load(std::memory_order_relaxed); }
  virtual void expire() = 0;

protected:
  /// Whether the caller is the first; only that one may answer.
  [[nodiscard]] bool take_turn() noexcept { return !given_.exchange(true); }

private:
  std::atomic<bool> given_{false};
};

/// Whoever was asked holds it; when it is dropped unanswered, `done` is dropped with it, which wakes the asker at once.
template <class T>
class watched_answer final : public open_answer {
public:
  explicit watched_answer(std::function<void(result<T>)> done) : done_(std::move(done)) {}

  void give(result<T> outcome) {
    if (take_turn())
      std::exchange(done_, nullptr)(std::move(outcome));
  }
  void expire() override { give(failure(error_code::unavailable, "the node did not answer in time; try again")); }

private:
  std::function<void(result<T>)> done_;
};

/// Ends answers that do not come. One timer for all: a request costs an entry in a list, not a timer of its own.
/// Thread-safe.
class answer_watch {
public:
  /// An answer expires after this many ticks.
  explicit answer_watch(std::uint32_t ticks) : ticks_(ticks) {}

  void add(std::weak_ptr<open_answer> waiting);
  void tick();
  /// Entries kept, for tests.
  [[nodiscard]] std::size_t size() const;

private:
  struct entry {
    std::weak_ptr<open_answer> waiting;
    std::uint64_t expires_at = 0; ///< in ticks
  };
  /// Answers come mostly in the order of the questions, so the front is where the answered ones are.
  void drop_answered();

  const std::uint32_t ticks_;
  mutable std::mutex mutex_;
  std::deque<entry> entries_;
  std::uint64_t now_ = 0;
};

} // namespace penstock::gateway
