#pragma once

#include <cstddef>
#include <functional>

#include <caf/fwd.hpp>

#include "messages/actors/intake.hpp"
#include "messages/actors/store.hpp"

namespace penstock::actors {

/// One unit from outside the actors. `done` is called once, on an actor's thread: it must hand over, not work.
struct submit_unit {
  unit_of_work unit;
  std::function<void(result<unit_result>)> done;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::submit_unit)

namespace penstock::actors {

/// COMMIT PORT
/// Duty: lets those who are no actors (HTTP, benchmarks) commit. Units that wait together go to the store in one
/// message. `done` gets the outcome: the unit's result, the refusal as its error, or `unavailable`/`storage_…` when
/// nothing is stored. At most `capacity` units wait for answers; more are refused at once with `unavailable`.
/// While the intake is closed, units that enqueue jobs are refused with its reason. When it dies, open submissions are answered with `unavailable` (they may have been stored all the same).
using commit_port_actor
  = caf::typed_actor<caf::reacts_to<submit_unit>, caf::reacts_to<commit_answer>, caf::reacts_to<set_intake>>;

commit_port_actor spawn_commit_port(caf::actor_system& system, store_writer_actor store, std::size_t capacity = 100'000);

} // namespace penstock::actors
