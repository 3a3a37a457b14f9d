#pragma once

#include <vector>

#include <caf/fwd.hpp>

#include "core/error.hpp"
#include "core/queue_health.hpp"
#include "messages/actors/supervisor.hpp"
#include "storage/read_session.hpp"

namespace penstock::node {

/// What the health of all queues is judged by, from the store and from the actors. Blocks for a few seconds at most;
/// for a thread that is no actor's.
[[nodiscard]] result<std::vector<queue_facts>> queue_facts_of(caf::actor_system& system,
                                                              const actors::supervisor_actor& supervisor,
                                                              storage::read_session& db, timestamp now);

} // namespace penstock::node
