#pragma once

#include <string>
#include <string_view>

#include "core/time.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// What the browser of somebody who signed in sends along: the token of its session. No script can read it (HttpOnly), and
/// no other site's forms carry it (SameSite=Lax, RFC 6265bis). `public_url` decides about Secure and the name: over https it
/// is `__Host-penstock`, which nobody but this very host can set.
[[nodiscard]] std::string session_cookie(std::string_view token, duration lifetime, std::string_view public_url);
/// Makes the browser forget it.
[[nodiscard]] std::string no_session_cookie(std::string_view public_url);

/// Its name, as it is with that `public_url`.
[[nodiscard]] std::string_view session_cookie_name(std::string_view public_url) noexcept;

/// The token in the cookie; empty without one.
[[nodiscard]] std::string_view session_token_of(const net::http_server_request& request, std::string_view public_url);

/// Whether a page of this node sent the request, as browsers tell it: `Sec-Fetch-Site` where they do, else `Origin`, else
/// `Referer`. No where they tell nothing. What changes something on the strength of a cookie needs it: cookies come along
/// with the requests of other people's pages too.
[[nodiscard]] bool is_from_own_page(const net::http_server_request& request, std::string_view public_url);
/// Whether a page of somebody else's sent it.
[[nodiscard]] bool is_from_foreign_page(const net::http_server_request& request, std::string_view public_url);

} // namespace penstock::gateway
