#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/cron_field.hpp"

namespace penstock {

/// Days that a cron expression names by their place in the month.
struct cron_days {
  std::uint32_t before_last = 0;      ///< bit n, 0-30: L-n, the n-th day before the last
  std::uint32_t near = 0;             ///< bit d, 1-31: dW, the working day nearest to day d
  std::uint32_t near_before_last = 0; ///< bit n: L-nW, the working day nearest to L-n
  std::array<std::uint8_t, 7> nth{};  ///< by weekday, Sunday is 0; bit n, 1-5: the n-th of the month
  std::uint8_t last_weekdays = 0;     ///< bits 0-6: the last of its kind in the month

  /// Those of day of month in a month of `length` days whose 1st is `first_weekday`: bits 1-31. A nearest working day
  /// stays in its month; a day that the month does not have names none.
  [[nodiscard]] std::uint64_t days_in(unsigned length, unsigned first_weekday) const noexcept;
  /// Those of day of week.
  [[nodiscard]] std::uint64_t weekdays_in(unsigned length, unsigned first_weekday) const noexcept;
};

/// The field day of month or day of week, read.
struct cron_day_field {
  cron_field plain; ///< what every field has; of "?" all values, as `*`
  cron_days days;
};

/// What every field has, and `?` (any), `L` (the last day), `L-3`, `15W` (the working day nearest to the 15th), `LW`,
/// `L-3W`, also in lists.
[[nodiscard]] result<cron_day_field> parse_day_of_month(std::string_view text);

/// What every field has, and `?` (any), `5#3` or `fri#3` (the third Friday), `5L` or `friL` (the last Friday), also in
/// lists. 0 and 7 are Sunday; `plain` may have both.
[[nodiscard]] result<cron_day_field> parse_day_of_week(std::string_view text);

} // namespace penstock
