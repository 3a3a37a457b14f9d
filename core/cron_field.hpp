#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/error.hpp"

namespace penstock {

/// What one field of a cron expression may hold.
struct cron_field_range {
  std::string_view name; ///< for error messages
  int low;
  int high;
  /// Three-letter names of the values from `low` on, lower case.
  std::span<const std::string_view> names{};
  /// After its last value the field begins again (Sunday is 0 and 7), so that "fri-sun" is no backward range.
  bool end_may_be_low = false;
};

/// One field, read.
struct cron_field {
  std::uint64_t values = 0; ///< bit v: the value v matches
  bool starts_with_star = false;
  bool repeats = false; ///< it has a `*`, a step or a range: not only fixed values
};

/// Reads `*`, values, names, ranges `a-b`, steps `*/n`, `a-b/n`, `a/n` (from a to the end) and lists of these.
/// Else `invalid_argument` that names the field and what it allows.
[[nodiscard]] result<cron_field> parse_cron_field(std::string_view text, const cron_field_range& range);

} // namespace penstock
