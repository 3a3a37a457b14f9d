#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"
#include "net/http_message.hpp"

namespace penstock::connectors {

/// An answer that is not the wanted one, as far as it may be repeated to people. Of the body only the provider's error
/// code is taken, and only where it looks like one: texts may hold anything, also what we sent.
struct provider_refusal {
  int status = 0;
  std::string code; ///< "unauthorized.bad_access_token.expired"; empty: none given
};

/// Reads `code`, or else `error` (RFC 6750), of a JSON body.
[[nodiscard]] provider_refusal read_refusal(const net::http_response& response);

/// What every connector makes of a status (net/provider_status.hpp) unless its provider means something else by it,
/// with the provider's code and, of 429 and 5xx, its Retry-After. `what` begins the message: "Monzo's transactions".
[[nodiscard]] error refusal_error(const net::http_response& response, std::string_view what, timestamp now);

/// Nothing for a 2xx; else refusal_error.
[[nodiscard]] result<void> accept(const net::http_response& response, std::string_view what, timestamp now);

} // namespace penstock::connectors
