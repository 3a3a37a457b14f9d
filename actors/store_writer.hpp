#pragma once

#include <cstddef>
#include <memory>

#include <caf/fwd.hpp>

#include "actors/store_listeners.hpp"
#include "messages/actors/store.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

struct store_writer_config {
  /// Used by this actor alone from its start on, but for what the log keeper does with it.
  std::shared_ptr<storage::write_session> session;
  store_listeners listeners;
  /// Tells what is committed, once it is durable. Empty: the writer waits for the disk and tells it itself.
  log_keeper_actor log_keeper{};
  /// A transaction takes all small requests that wait, and large ones up to this many bytes; the rest has its turn in
  /// the next transaction, so that a small request never waits for more than one portion of large ones.
  std::size_t large_bytes_per_commit = 2 * 1024 * 1024;
};

/// STORE WRITER
/// Duty: makes units of work durable, those of many senders in one transaction. Talks to: whoever commits (answers),
/// queues and event bus (news), by way of the log keeper where there is one: then it goes on with the next transaction
/// while the disk takes the last. Remembers: only what waits. Its death ends the node: the supervisor sees to it.
/// Blocks on the disk, so it has a thread of its own unless `detached` is false (tests). Never runs a connector's code.
store_writer_actor spawn_store_writer(caf::actor_system& system, store_writer_config config, bool detached = true);

} // namespace penstock::actors
