#pragma once

#include "net/http_handler.hpp"
#include "sandbox/oauth_provider.hpp"

namespace penstock::sandbox {

/// The page where people consent (GET, RFC 6749, 4.1.1): client_id, redirect_uri, response_type=code, state. It leads
/// back with a code at once; or, if it asks, shows a button for each of a few users. `user=user_2` chooses who consents,
/// `decision=deny` leads back with access_denied.
[[nodiscard]] net::http_reply consent_page(oauth_provider& oauth, const net::http_server_request& request, bool asks);

/// The token endpoint (POST, form): grant_type authorization_code or refresh_token, the client's id and secret in the
/// form. A request with a stale Authorization header is refused before it is read, as Monzo's gateway does.
[[nodiscard]] net::http_reply token_endpoint(oauth_provider& oauth, const net::http_server_request& request);

/// Whether a request to the token endpoint asks for a token of the client itself (grant_type client_credentials), and what
/// is said to it: id and secret are taken from the form or from `Authorization: Basic`. Only some providers give such.
[[nodiscard]] std::optional<net::http_reply> grant_to_client(oauth_provider& oauth,
                                                             const net::http_server_request& request);

/// What an API route says to a token that is not good; nothing for a good one. `who` is filled in.
[[nodiscard]] std::optional<net::http_reply> refuse_token(oauth_provider& oauth,
                                                          const net::http_server_request& request, bearer& who);

} // namespace penstock::sandbox
