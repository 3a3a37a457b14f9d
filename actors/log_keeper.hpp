#pragma once

#include <memory>

#include <caf/fwd.hpp>

#include "actors/store_listeners.hpp"
#include "messages/actors/store.hpp"
#include "storage/write_session.hpp"

namespace penstock::actors {

/// LOG KEEPER
/// Duty: makes durable what the store writer has committed, and tells it then, in the order of the commits: what comes
/// while the disk works shares the next sync. Talks to: whoever committed, queues and event bus. Remembers: only what
/// waits for the disk. Its death ends the node, as does a sync that fails: nobody could say what is on the disk.
/// Blocks on the disk, so it has a thread of its own.
log_keeper_actor spawn_log_keeper(caf::actor_system& system, std::shared_ptr<storage::write_session> session,
                                  store_listeners listeners);

} // namespace penstock::actors
