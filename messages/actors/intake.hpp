#pragma once

#include <optional>

#include "core/error.hpp"
#include "messages/actors/announce.hpp"

namespace penstock::actors {

/// Opens or closes the node for new work. Closed, it accepts and starts no job and fires no schedule; what runs is
/// finished and stored. Opened again, it goes on as after a downtime.
struct set_intake {
  std::optional<error> closed_because; ///< what callers are told; nullopt: open
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::set_intake)
