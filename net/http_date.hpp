#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace penstock::net {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
[[nodiscard]] std::string format_http_date(timestamp moment);

/// Reads the preferred form and the two obsolete ones (RFC 850, asctime). A two-digit year that would lie more than
/// 50 years after `now` belongs to the century before.
[[nodiscard]] std::optional<timestamp> parse_http_date(std::string_view text, timestamp now);

} // namespace penstock::net
