#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace penstock::node {

/// Calls something again and again on a thread of its own, which may block: the pause lies between two calls.
class periodic_task {
public:
  /// `work` is first called after one pause. An exception of it is logged; the next call comes all the same.
  periodic_task(std::chrono::milliseconds pause, std::function<void()> work);
  /// As `stop`.
  ~periodic_task();
  periodic_task(const periodic_task&) = delete;
  periodic_task& operator=(const periodic_task&) = delete;

  /// Waits for a call that is under way.
  void stop();

private:
  void run();

  const std::chrono::milliseconds pause_;
  const std::function<void()> work_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false; ///< guarded by mutex_
  std::thread thread_;
};

} // namespace penstock::node
