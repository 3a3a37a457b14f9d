#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cron_calendar.hpp"
#include "core/error.hpp"
#include "core/time.hpp"
#include "core/time_zone.hpp"

namespace penstock {

/// A cron expression of five fields: minute (0-59), hour (0-23), day of month (1-31), month (1-12 or jan-dec), day of
/// week (0-7 or sun-sat; 0 and 7 are Sunday); or of six, with second (0-59) in front; or @hourly, @daily, @midnight,
/// @weekly, @monthly, @yearly, @annually, @every_minute, @every_second. cron_field.hpp and cron_days.hpp say what a field
/// may hold.
///
/// Day of month and day of week both restricted mean either. As in Vixie cron a field that begins with `*` (or is
/// `?`) counts as unrestricted, so "*/2" in one of them must match together with the other.
///
/// Daylight saving follows the rules that the Cronos library documents:
/// - a time that does not exist moves to the first moment after the gap, all such times of a gap together, once;
/// - in a repeated stretch an expression of fixed times fires at its first passing only, one with a `*`, a step or a
///   range in its seconds, minutes or hours (an interval expression) in both.
class cron_expression {
public:
  /// Else `invalid_argument` naming the field and what it allows.
  [[nodiscard]] static result<cron_expression> parse(std::string_view text);

  /// The first firing strictly after a moment; nothing when there is none in the next fifty years ("0 0 30 2 *"), or
  /// past the year 9000. Thread-safe; costs a microsecond or so.
  [[nodiscard]] std::optional<timestamp> next(timestamp after, const time_zone& zone) const;

  /// Whether it fires in both passings of a repeated stretch.
  [[nodiscard]] bool is_interval() const noexcept { return interval_; }

  /// As written, with single blanks.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  friend bool operator==(const cron_expression& a, const cron_expression& b) noexcept { return a.text_ == b.text_; }

private:
  cron_expression() = default;

  cron_calendar calendar_;
  bool interval_ = false;
  std::string text_;
};

} // namespace penstock
