#pragma once

#include <functional>
#include <string>

#include "messages/actors/store.hpp"
#include "messages/actors/work.hpp"
#include "messages/credential.hpp"

namespace penstock::actors {

/// A token for an integration's provider. `answer` is called once, on an actor's thread: it must hand over, not work.
struct token_query {
  integration_id integration{};
  std::string rejected; ///< the token that the provider refused; empty: any valid one
  std::function<void(result<std::string>)> answer;
};

/// A person consented: tokens that replace whatever is stored. `answer` comes after they are durable.
struct install_tokens {
  integration_id integration{};
  credential tokens;
  std::function<void(result<void>)> answer;
  bool stays_paused = false; ///< else it is due at once, also where somebody had paused it
};

/// Somebody asks for a sync now. `answer` gets the id of the root job (of the live run, if one runs already; a dry run
/// is refused with `conflict` then).
struct fetch_integration {
  integration_id integration{};
  bool force = false; ///< ignore frequency and waiting, never overlap
  std::string triggered_by;
  bool dry_run = false; ///< store nothing, and keep what would have changed
  std::function<void(result<enqueued>)> answer;
};

} // namespace penstock::actors

PENSTOCK_LOCAL_MESSAGE(penstock::actors::token_query)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::install_tokens)
PENSTOCK_LOCAL_MESSAGE(penstock::actors::fetch_integration)

namespace penstock::actors {

/// INTEGRATION DIRECTORY: wakes the actors of integrations and credentials on demand, lets idle ones sleep, and runs
/// the engine's own job kinds.
using integration_directory_actor =
  worker_actor::extend<caf::reacts_to<token_query>, caf::reacts_to<install_tokens>, caf::reacts_to<fetch_integration>>;

/// INTEGRATION: one for each awake integration. Decides whether and how a run starts.
using integration_actor = worker_actor::extend<caf::reacts_to<commit_answer>, caf::reacts_to<fetch_integration>>;

/// TOKEN KEEPER: one for each credential in use. One refresh at a time, durable before first use.
using token_keeper_actor =
  caf::typed_actor<caf::reacts_to<token_query>, caf::reacts_to<install_tokens>, caf::reacts_to<commit_answer>>;

} // namespace penstock::actors
