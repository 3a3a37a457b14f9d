#pragma once

#include <functional>

#include <caf/fwd.hpp>

#include "actors/integration.hpp"
#include "actors/token_keeper.hpp"
#include "messages/actors/integrations.hpp"

namespace penstock::actors {

struct integration_directory_config {
  const connectors::catalogue* connectors = nullptr;
  store_writer_actor store;
  store_reader_actor reader;
  net::http_client* http = nullptr;
  const wall_clock* clock = nullptr;
  id_generator* ids = nullptr;
  net::asio::any_io_executor executor;
  /// Where the node is reached from a browser; OAuth redirects come back to it.
  std::string public_url;
  /// Whether other nodes may use the same credentials.
  bool shared = false;
  /// How often actors without work are put to sleep.
  duration sleep_check = std::chrono::seconds(60);
};

/// INTEGRATION DIRECTORY
/// Duty: wakes the actor of an integration or of its credential when somebody needs it, puts idle ones to sleep, and
/// runs integrations.check_updates. The only one who talks to those actors, so that none is put to sleep with a message
/// on its way. Remembers who is awake. When it dies they end with it, and are woken again on demand.
integration_directory_actor spawn_integration_directory(caf::actor_system& system, integration_directory_config config);

} // namespace penstock::actors
