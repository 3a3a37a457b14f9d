#pragma once

#include <optional>
#include <string_view>

#include "core/time.hpp"

namespace penstock::connectors::apple_health {

/// Reads a time as Health Auto Export writes it: `2025-08-12 00:00:00 +0100`. Phones write it in more ways than that,
/// so these are taken too: RFC 3339; an offset as `+01`, `+01:00`, `Z`, `UTC` or `GMT`; no seconds, or with a fraction;
/// a twelve-hour clock (`9:05:00 PM`, also `p.m.`, behind any kind of space). Nothing: anything else; a moment that
/// there is not; a year out of 1900 … 2199 (some calendars count others); no offset, since nobody knows which zone is
/// meant.
[[nodiscard]] std::optional<timestamp> parse_export_time(std::string_view text);

} // namespace penstock::connectors::apple_health
