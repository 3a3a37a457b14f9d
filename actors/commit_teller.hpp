#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/store_listeners.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

/// Tells what a transaction stored: those who asked, then the queues and the event bus. On the thread of one actor.
class commit_teller {
public:
  explicit commit_teller(store_listeners listeners) : listeners_(std::move(listeners)) {}

  /// An empty handle detaches.
  void attach(std::string name, job_taker_actor queue);

  void tell(stored_group group) const;

  /// Hands the jobs to each queue in one message, keeping their order.
  void tell_queues(std::vector<ready_job> jobs) const;

private:
  void tell_gifts(std::vector<commit_news::gift> gifts) const;
  void tell_neighbours(const commit_news& news) const;
  void tell_of_maintenance(const commit_news& news) const;

  const store_listeners listeners_;
  std::unordered_map<std::string, job_taker_actor> queues_;
};

} // namespace penstock::actors
