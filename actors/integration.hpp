#pragma once

#include <caf/fwd.hpp>

#include "actors/idle_query.hpp"
#include "connectors/catalogue.hpp"
#include "core/id_generator.hpp"
#include "messages/actors/integrations.hpp"

namespace penstock::actors {

struct integration_config {
  integration_id id{};
  const connectors::catalogue* connectors = nullptr;
  store_writer_actor store;
  store_reader_actor reader;
  const wall_clock* clock = nullptr;
  id_generator* ids = nullptr;
};

/// INTEGRATION: one for each awake integration.
/// Duty: decides whether a run may start, and starts it: one unit of work writes the run and the first fetch job of each
/// stream. Talks to: queues (orders for integration.process), people through the directory, the store. Remembers
/// nothing that is not in the store. Never fetches itself.
using kept_integration_actor = integration_actor::extend<caf::replies_to<idle_query>::with<idle_answer>>;
kept_integration_actor spawn_integration(caf::actor_system& system, integration_config config);

/// The unit of work by which the root job `root` starts a run: refused where the integration's state forbids one.
/// Pure but for the id that it draws; what `integration.process` does.
[[nodiscard]] result<unit_of_work> plan_run(const integration& account, const ready_job& root,
                                            const connectors::catalogue& connectors, id_generator& ids);

} // namespace penstock::actors
