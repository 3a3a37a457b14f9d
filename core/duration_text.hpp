#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/time.hpp"

namespace penstock {

/// Reads "30s", "250ms", "7d", "1h30m": whole numbers with the units w, d, h, m, s, ms, us, each at most once and from
/// large to small. No sign, blank or fraction; "0s" is zero. Else, or beyond 36,500 days, `invalid_argument`.
[[nodiscard]] result<duration> parse_duration(std::string_view text);

/// The shortest such text, in days and smaller: 90 s is "1m30s", zero is "0s". A negative length gets a leading '-',
/// for logs only: it does not parse.
[[nodiscard]] std::string format_duration(duration length);

} // namespace penstock
