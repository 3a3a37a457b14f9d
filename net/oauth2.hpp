#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.hpp"
#include "net/query.hpp"

namespace penstock::net {

/// One provider's OAuth 2.0 endpoints and our registration there (RFC 6749).
struct oauth2_provider {
  std::string authorize_url;
  std::string token_url;
  std::string client_id;
  std::string client_secret; ///< empty for a public client
  std::string redirect_uri;
  std::vector<std::string> scopes{};
  bool pkce = false; ///< it takes a proof key (RFC 7636)
  /// The token endpoint wants id and secret as `Authorization: Basic` (client_secret_basic), not in the form.
  bool basic_client = false;
  query_parameters extra{}; ///< more parameters of the authorisation URL, or of a grant to the client itself
  /// Error codes by which this provider says that the grant is spent or revoked, beside `invalid_grant` and codes
  /// like `bad_request.refresh_token.invalid`.
  std::vector<std::string> reauth_codes{};
  duration timeout = std::chrono::seconds(30);
};

/// What the token endpoint granted. Secrets: never log or show the tokens.
struct token_grant {
  std::string access_token;
  std::string refresh_token;                  ///< empty: none given; the old one may then stay valid (RFC 6749, 6)
  duration expires_in{0};                     ///< 0: the provider did not say
  std::string token_type;                     ///< as written, usually "Bearer"
  std::string user_id;                        ///< empty if not given
  std::map<std::string, std::string> extra{}; ///< other fields: strings as they are, others as JSON text
};

/// Where to send the browser. `state` is the caller's and must be unguessable; `pkce_challenge` (pkce.hpp) adds
/// `code_challenge` with method S256. Fails with bad_configuration when `authorize_url` is not a URL.
[[nodiscard]] result<std::string> authorization_url(const oauth2_provider& provider, std::string_view state,
                                                    std::string_view pkce_challenge = {});

/// The token endpoint of one provider. Form-encoded, credentials in the body (client_secret_post) and no Authorization
/// header unless `basic_client`, always a fresh connection. Sends once and never retries: refresh tokens and codes are
/// single-use, and an answer that is lost may have spent them.
///
/// Errors: `requires_reauth` (the grant is spent, revoked or unknown), `bad_configuration` (the client is refused),
/// `network` and `timed_out` (nothing is known about the grant's fate: the caller decides), `rate_limited`,
/// `provider_unavailable`, `truncated_body` (not JSON), `unexpected_shape` (JSON without an access token).
/// No message contains a token, a code or the secret.
class oauth2_client {
public:
  /// `client` must not retry by itself and must outlive this object's coroutines.
  oauth2_client(http_client& client, const wall_clock& clock, oauth2_provider provider);

  /// Exchanges the code that came to the redirect URI. `pkce_verifier` is that of the challenge, if one was sent.
  [[nodiscard]] asio::awaitable<result<token_grant>> exchange_code(std::string code, std::string pkce_verifier = {});
  [[nodiscard]] asio::awaitable<result<token_grant>> refresh(std::string refresh_token);
  /// A token for the client itself, with nobody's consent (client_credentials, RFC 6749, 4.4). Never `requires_reauth`:
  /// a refusal is `bad_configuration`, for only whoever keeps the configuration can help.
  [[nodiscard]] asio::awaitable<result<token_grant>> ask_as_client();

  [[nodiscard]] const oauth2_provider& provider() const noexcept { return provider_; }

private:
  asio::awaitable<result<token_grant>> ask(query_parameters form);

  http_client& client_;
  const wall_clock& clock_;
  oauth2_provider provider_;
};

/// Reads a token endpoint's answer. Pure: for tests and for providers reached otherwise.
[[nodiscard]] result<token_grant> read_token_answer(const oauth2_provider& provider, const http_response& response,
                                                    timestamp now);

} // namespace penstock::net
