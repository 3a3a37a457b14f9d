#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "core/time.hpp"
#include "net/asio.hpp"

namespace penstock::net {

/// Owns the io_context of a process and the threads that run it.
/// All network work of a node runs here as coroutines; nothing that blocks may.
class io_runtime {
public:
  /// `threads` 0: nothing runs until a test calls `context().poll()` or `run_for`.
  explicit io_runtime(std::size_t threads);
  /// Stops and joins. Waits for a coroutine that blocks; call `stop` first where that matters.
  ~io_runtime();

  io_runtime(const io_runtime&) = delete;
  io_runtime& operator=(const io_runtime&) = delete;

  /// Starts the threads. A second call does nothing.
  void start();

  /// Ends all work where it stands (suspended coroutines are destroyed with the context) and waits at most `limit`
  /// for the threads. False: a thread is stuck in code that blocks. May be called twice, and without `start`.
  /// Never from one of the runtime's own threads.
  bool stop(duration limit = std::chrono::seconds(5));

  [[nodiscard]] asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] asio::io_context::executor_type executor() noexcept { return context_.get_executor(); }

private:
  void run_thread();

  const std::size_t thread_count_;
  asio::io_context context_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable thread_ended_;
  std::size_t running_ = 0; ///< guarded by mutex_
};

} // namespace penstock::net
