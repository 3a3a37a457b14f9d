#pragma once

#include <optional>

#include <caf/fwd.hpp>

#include "actors/idle_query.hpp"
#include "messages/actors/integrations.hpp"
#include "net/http_client.hpp"
#include "net/oauth2.hpp"

namespace penstock::actors {

struct token_keeper_config {
  integration_id integration{};
  /// How tokens are refreshed; absent: stored tokens are used until they end.
  std::optional<net::oauth2_provider> provider;
  /// The provider gives tokens to the client itself: the first one is asked for as every later one is, with no refresh token.
  bool as_client = false;
  store_writer_actor store;
  store_reader_actor reader;
  net::http_client* http = nullptr; ///< does not retry by itself: a refresh token is good for one try
  const wall_clock* clock = nullptr;
  net::asio::any_io_executor executor;
  /// A token that ends sooner than this is refreshed before it is given out.
  duration margin = std::chrono::seconds(60);
  /// Pause before a write that the database could not take is tried again.
  duration commit_pause = std::chrono::milliseconds(250);
  /// Whether keepers of other nodes may refresh the same credential: then one at a time does.
  bool shared = false;
  /// How often one looks whether another node's refresh is over.
  duration look_pause = std::chrono::milliseconds(250);
};

/// TOKEN KEEPER: one for each credential in use.
/// Duty: gives out valid access tokens; refreshes once for all who wait; stores the rotated pair before anybody uses
/// it. Talks to: the directory (queries), store, provider. Remembers: the credential, in the clear. When it dies during
/// a refresh, the new pair may be lost with it: the next refresh then fails, and the integration says requires_reauth.
/// Of nodes that share a database the keeper of one refreshes, for at most half a minute: its claim is stored before the
/// provider is asked and goes with the new pair; the others look for that. Consent is asked for only if the version that
/// the provider refused is still the stored one. Never gives out a token that is not durable; never asks a provider again
/// that said no.
using kept_token_keeper_actor = token_keeper_actor::extend<caf::replies_to<idle_query>::with<idle_answer>>;
kept_token_keeper_actor spawn_token_keeper(caf::actor_system& system, token_keeper_config config);

} // namespace penstock::actors
