#pragma once

#include <cstdint>
#include <optional>
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
  /// The last value is the first one again: Sunday is 0 and 7.
  bool last_is_first = false;
  std::string_view signs = "* , - /"; ///< for error messages

  /// How many different values there are.
  [[nodiscard]] constexpr int cycle() const noexcept { return high - low + (last_is_first ? 0 : 1); }
};

/// One field, read.
struct cron_field {
  std::uint64_t values = 0; ///< bit v: the value v matches
  bool starts_with_star = false;
  bool repeats = false; ///< it has a `*`, a step or a range: not only fixed values
};

/// Reads `*`, values, names, ranges `a-b`, steps `*/n`, `a-b/n`, `a/n` (from a to the end) and lists of these. A range
/// may go around: 22-2 are the hours 22, 23, 0, 1 and 2. Else `invalid_argument` that names the field and what it allows.
[[nodiscard]] result<cron_field> parse_cron_field(std::string_view text, const cron_field_range& range);

/// One value of a field, as a number or a name; errors as above.
[[nodiscard]] result<int> parse_cron_value(std::string_view text, const cron_field_range& range);

/// An error of a field: what is wrong, and what the field allows.
[[nodiscard]] tl::unexpected<error> refuse_cron_field(const cron_field_range& range, std::string_view why);

/// A whole number without a sign; nothing for any other text.
[[nodiscard]] std::optional<int> cron_number(std::string_view text);

} // namespace penstock
