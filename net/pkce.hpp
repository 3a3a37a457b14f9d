#pragma once

#include <string>
#include <string_view>

namespace penstock::net {

/// Proof Key for Code Exchange (RFC 7636), method S256.
/// A new verifier: 32 bytes from OpenSSL's generator, base64url, 43 characters. Throws if the generator fails.
[[nodiscard]] std::string make_pkce_verifier();

/// The challenge of a verifier: base64url(SHA-256(verifier)).
[[nodiscard]] std::string pkce_challenge(std::string_view verifier);

} // namespace penstock::net
