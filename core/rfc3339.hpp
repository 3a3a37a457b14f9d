#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock {

/// "2026-03-08T03:00:00Z" (RFC 3339, UTC). A fraction stands only where it is not zero, in 3 or 6 digits. Years beyond
/// 9999 get more digits, years before 0 a sign: no standard reads those.
[[nodiscard]] std::string format_rfc3339(timestamp moment);

/// The same moment in a zone's time: "2026-03-07T22:00:00-05:00". RFC 3339 knows whole minutes of offset; the seconds
/// of an old offset are left out of both the time and the offset, so that the moment stays right.
[[nodiscard]] std::string format_rfc3339(timestamp moment, std::chrono::seconds offset);

/// Reads RFC 3339 strictly: date, 'T' or 't', time, any number of fraction digits (cut to microseconds), then 'Z', 'z'
/// or an offset. A leap second (23:59:60 UTC) becomes the second after it. Else `invalid_argument`.
[[nodiscard]] result<timestamp> parse_rfc3339(std::string_view text);

} // namespace penstock
