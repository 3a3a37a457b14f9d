#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/token_bucket.hpp"

namespace penstock {

/// Reads "10/s", "600/m", "5000/h", "100/30s": how many in each interval, evenly spread: no more at once than come in a
/// tenth of a second, or two. Else, or out of validate's range, `invalid_argument` that shows the form.
[[nodiscard]] result<token_rate> parse_rate(std::string_view text);

/// "10/s": as parse_rate reads it.
[[nodiscard]] std::string format_rate(const token_rate& rate);

} // namespace penstock
