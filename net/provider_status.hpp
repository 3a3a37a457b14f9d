#pragma once

#include <optional>

#include "core/error.hpp"
#include "net/http_message.hpp"

namespace penstock::net {

/// What a provider's status means for the engine, or nothing for 2xx and 304.
///
/// | status | code |
/// |---|---|
/// | 408, 425 | timed_out |
/// | 429 | rate_limited, with `Retry-After` |
/// | 401 | requires_reauth: the caller has refreshed its token once before asking |
/// | 403 | forbidden |
/// | 404, 410 | not_found |
/// | 5xx | provider_unavailable, with `Retry-After` |
/// | other 4xx, and redirects, which are never followed | invalid_argument |
/// | what is no final status | unexpected_shape |
[[nodiscard]] std::optional<error_code> code_of_status(int status) noexcept;

/// Whether an answer sends us elsewhere. Nobody goes there: what was asked, and with which token, was meant for one host.
[[nodiscard]] bool is_redirect(int status) noexcept;

/// The same as an error. Its message has method, origin, path and status; query, headers and bodies may hold secrets.
[[nodiscard]] std::optional<error> provider_error(const http_request& request, const http_response& response,
                                                  timestamp now);

} // namespace penstock::net
