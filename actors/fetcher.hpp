#pragma once

#include <string>

#include <caf/fwd.hpp>

#include "connectors/catalogue.hpp"
#include "core/random.hpp"
#include "messages/actors/integrations.hpp"
#include "messages/actors/store.hpp"
#include "messages/actors/work.hpp"
#include "net/http_client.hpp"
#include "net/sleeper.hpp"

namespace penstock::actors {

/// What fetch jobs of a node share. All of it outlives the fetchers.
struct fetcher_config {
  const connectors::catalogue* connectors = nullptr;
  store_reader_actor reader;
  integration_directory_actor directory; ///< for tokens
  net::http_client* http = nullptr;      ///< plain: retries and the record of exchanges are added for each job
  net::sleeper* sleeper = nullptr;
  const wall_clock* clock = nullptr;
  random_source* random = nullptr; ///< thread-safe, or all on one thread
  net::asio::any_io_executor executor;
  std::string webhooks_at{}; ///< engine_config::webhooks_at
};

/// FETCHER: one for each running fetch job.
/// Duty: loads what the handler needs, runs its coroutine on the network threads, and hands the outcome to the queue.
/// Told to stop, it cancels the coroutine, which closes its connection. Remembers nothing; ends with its job. Never
/// blocks, never writes.
worker_actor spawn_fetcher(caf::actor_system& system, fetcher_config config);

} // namespace penstock::actors
