#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

#include "messages/actors/store.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

/// Where the news of a commit go. Called on the store's thread, after the answers were sent.
struct store_listeners {
  /// Jobs were stored for a queue that is not attached. Its actor will read them from the store.
  std::function<void(const std::string& queue)> unknown_queue;
  std::function<void(std::vector<event>)> events;
  /// Where nodes share the database, and absent elsewhere. Others may wait for these queues' jobs: their names, with "!"
  /// before the name of one that was paused or resumed.
  std::function<void(const std::vector<std::string>& queues)> neighbours{};
  /// News may be missing: the connection was lost.
  std::function<void()> missed{};
  /// Another node's jobs that are this node's now.
  std::function<void(std::vector<storage::recovery_report::suspect>)> suspects{};
};

struct store_writer_config {
  /// Used by this actor alone from its start on.
  std::shared_ptr<storage::write_session> session;
  store_listeners listeners;
  /// A transaction takes all small requests that wait, and large ones up to this many bytes; the rest has its turn in
  /// the next transaction, so that a small request never waits for more than one portion of large ones.
  std::size_t large_bytes_per_commit = 2 * 1024 * 1024;
  /// A request heavier than this (unit_of_work::weight) is large.
  std::size_t small_request_bytes = 64 * 1024;
};

/// STORE WRITER
/// Duty: makes units of work durable, those of many senders in one transaction. Talks to: whoever commits (answers),
/// queues and event bus (news). Remembers: only what waits. Its death ends the node: the supervisor sees to it.
/// Blocks on the disk, so it has a thread of its own unless `detached` is false (tests). Never runs a connector's code.
store_writer_actor spawn_store_writer(caf::actor_system& system, store_writer_config config, bool detached = true);

} // namespace penstock::actors
