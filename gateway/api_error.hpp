#pragma once

#include "core/error.hpp"
#include "net/http_handler.hpp"

namespace penstock::gateway {

/// The HTTP status of an error of ours.
[[nodiscard]] int status_of(error_code code) noexcept;

/// The problem document of an error: its code's name, its message, and `Retry-After` for 429 and 503.
[[nodiscard]] net::http_reply error_reply(const error& what);

} // namespace penstock::gateway
