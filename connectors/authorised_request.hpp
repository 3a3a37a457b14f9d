#pragma once

#include <functional>
#include <string>

#include "connectors/connector.hpp"

namespace penstock::connectors {

/// Sends `request` with the bearer token of the job's integration. Where the provider refuses the token (401), it is
/// replaced once (a newer one that somebody else stored, or one refresh) and the request sent again; if that is refused
/// too, the answer is `requires_reauth`, which ends the job: no loop, whatever the provider says.
///
/// Any other status is an answer: see provider_refusal.hpp for what to make of it. Other errors are those of the token
/// source and of http_client::send. `what` begins messages ("Monzo's transactions") and is no secret.
[[nodiscard]] net::asio::awaitable<result<net::http_response>>
send_authorised(net::http_client& http, token_source& tokens, net::http_request request, std::string what);

/// Puts a token where a provider wants it.
using token_placer = std::function<void(net::http_request& request, const std::string& token)>;

/// The same for providers that want the token elsewhere than in `Authorization: Bearer`.
[[nodiscard]] net::asio::awaitable<result<net::http_response>> send_authorised(net::http_client& http,
                                                                               token_source& tokens,
                                                                               net::http_request request,
                                                                               std::string what, token_placer place);

} // namespace penstock::connectors
