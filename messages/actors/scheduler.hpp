#pragma once

#include "messages/actors/store.hpp"

namespace penstock::actors {

/// Schedules were added, changed, enabled or disabled: read them again.
struct reload_schedules {};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::reload_schedules)

namespace penstock::actors {

/// SCHEDULER: one a node. Fires schedules from one timer; each firing is a compare-and-set in the store.
using scheduler_actor = caf::typed_actor<caf::reacts_to<commit_answer>, caf::reacts_to<reload_schedules>>;

} // namespace penstock::actors
