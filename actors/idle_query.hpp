#pragma once

#include "messages/actors/announce.hpp"

namespace penstock::actors {

/// The directory asks an actor that it woke whether it has anything to do.
struct idle_query {};
struct idle_answer {
  bool idle = false;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::idle_query)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::idle_answer)
