#pragma once

#include "actors/commit_port.hpp"
#include "core/error.hpp"
#include "messages/unit_of_work.hpp"

namespace penstock::node {

/// Makes a unit durable and blocks for the outcome, at most ten seconds (then `unavailable`; it may still happen). For
/// threads that may block; never an actor's.
[[nodiscard]] result<unit_result> commit_and_wait(actors::commit_port& commits, unit_of_work unit);

} // namespace penstock::node
