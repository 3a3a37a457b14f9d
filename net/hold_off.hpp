#pragma once

#include <optional>

#include "core/time.hpp"
#include "net/http_message.hpp"

namespace penstock::net {

/// How long a provider wants to be left alone, if it says so: by 429, by a 503 with `Retry-After`, or by rate-limit
/// headers that leave nothing (`RateLimit-Remaining: 0`, `X-RateLimit-Remaining: 0`, with `-Reset` in seconds or as Unix
/// time). At most a day; 5 s for a 429 that names no time.
[[nodiscard]] std::optional<duration> hold_off_of(const http_response& answer, timestamp now);

} // namespace penstock::net
