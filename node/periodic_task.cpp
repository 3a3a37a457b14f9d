#include "node/periodic_task.hpp"

#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

namespace penstock::node {

periodic_task::periodic_task(std::chrono::milliseconds pause, std::function<void()> work)
    : pause_(pause), work_(std::move(work)), thread_([this] { run(); }) {}

periodic_task::~periodic_task() { stop(); }

void periodic_task::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void periodic_task::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause_, [this] { return stopping_; })) {
    lock.unlock();
    try {
      work_();
    } catch (const std::exception& thrown) {
      spdlog::error("the node's periodic work ended in an exception: {}", thrown.what());
    }
    lock.lock();
  }
}

} // namespace penstock::node
