#include "net/io_runtime.hpp"

namespace penstock::net {

// The hint lets a runtime driven by one thread skip locks; zero threads means the test's thread.
io_runtime::io_runtime(std::size_t threads)
    : thread_count_(threads), context_(threads <= 1 ? BOOST_ASIO_CONCURRENCY_HINT_DEFAULT : static_cast<int>(threads)) {
}

io_runtime::~io_runtime() {
  context_.stop();
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
}

void io_runtime::start() {
  if (work_ || context_.stopped())
    return;
  work_.emplace(context_.get_executor());
  const std::scoped_lock lock(mutex_);
  running_ = thread_count_;
  for (std::size_t i = 0; i < thread_count_; ++i)
    threads_.emplace_back([this] { run_thread(); });
}

void io_runtime::run_thread() {
  context_.run();
  {
    const std::scoped_lock lock(mutex_);
    --running_;
  }
  thread_ended_.notify_all();
}

bool io_runtime::stop(duration limit) {
  context_.stop();
  work_.reset();
  {
    std::unique_lock lock(mutex_);
    if (!thread_ended_.wait_for(lock, limit, [this] { return running_ == 0; }))
      return false;
  }
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
  return true;
}

} // namespace penstock::net
