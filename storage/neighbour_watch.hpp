#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "storage/database.hpp"
#include "storage/dialect.hpp"
#include "storage/node_membership.hpp"
#include "storage/session.hpp"
#include "storage/wake_channel.hpp"

namespace penstock::storage {

/// Keeps this node's place among those that share a database, on a thread and connections of its own: shows signs of
/// life, sees whose lease is over, tells others that work waits and hears it from them. A connection that is lost is
/// opened anew, for as long as the watch lives.
class neighbour_watch {
public:
  /// All of it outlives the watch.
  neighbour_watch(const dialect& dialect, const database_settings& settings, node_membership& node);
  /// Leaves the nodes in order.
  ~neighbour_watch();
  neighbour_watch(const neighbour_watch&) = delete;
  neighbour_watch& operator=(const neighbour_watch&) = delete;

  /// Takes this node's place and starts to watch. `unavailable` if a node of that name lives for longer than a lease.
  [[nodiscard]] result<void> join(const std::string& name);

  void listen(neighbour_news listener);
  void tell(const std::vector<std::string>& queues);

private:
  void run();
  void look();
  void reconnect();
  void judge_nobody_for_a_lease();
  void send_told();
  void hear();
  [[nodiscard]] std::chrono::milliseconds pause() const;

  const dialect& dialect_;
  const database_settings settings_;
  node_membership& node_;
  std::unique_ptr<session> db_; // the thread's, once it runs
  std::unique_ptr<wake_channel> channel_;
  std::chrono::steady_clock::time_point shown_at_{}, judges_from_{}, told_at_{};
  std::int64_t living_ = 0;

  std::mutex mutex_; // guards what follows
  std::set<std::string> to_tell_;
  bool stopped_ = false;
  std::mutex listener_mutex_; // held while the listener is called
  neighbour_news listener_;
  wake_signal wakened_;
  std::thread thread_; // last: it uses all of the above
};

} // namespace penstock::storage
