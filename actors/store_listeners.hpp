#pragma once

#include <functional>
#include <string>
#include <vector>

#include "messages/event.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

/// Where the news of a commit go. Called on a thread of the store's, after the answers were sent; `unknown_queue` also
/// before, of new jobs.
struct store_listeners {
  /// Jobs were stored for a queue that is not attached. Its actor will read them from the store.
  std::function<void(const std::string& queue)> unknown_queue;
  std::function<void(std::vector<event>)> events;
  /// Where nodes share the database, and absent elsewhere. Others may wait for these queues' jobs: their names, with "!"
  /// before the name of one that was paused or resumed, and alone where maintenance began or ended.
  std::function<void(const std::vector<std::string>& queues)> neighbours{};
  /// News may be missing: the connection was lost.
  std::function<void()> missed{};
  /// Another node's jobs that are this node's now.
  std::function<void(std::vector<storage::recovery_report::suspect>)> suspects{};
  /// Maintenance began or ended. Before the answers, in the order of the commits.
  std::function<void(bool on)> maintained{};
};

} // namespace penstock::actors
