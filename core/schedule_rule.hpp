#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/cron.hpp"
#include "core/interval.hpp"

namespace penstock {

/// Days of the week as bits 0-6, Sunday is 0.
using weekday_set = std::uint8_t;
inline constexpr weekday_set every_weekday = 0x7f;

/// When a schedule fires: a cron expression in a time zone, or an interval; on some days of the week only, if wanted.
/// A value; thread-safe to ask.
class schedule_rule {
public:
  /// "every 5 m" or a cron expression, with the zone by name ("" is UTC). An interval knows the zone for show and for
  /// `weekdays`: firings on other days of the zone's calendar are left out. No weekday at all is `invalid_argument`.
  [[nodiscard]] static result<schedule_rule> parse(std::string_view text, std::string_view zone_name = {},
                                                   weekday_set weekdays = every_weekday);

  /// The first firing strictly after a moment; nothing when there never is one.
  [[nodiscard]] std::optional<timestamp> next(timestamp after) const;

  /// Firings after a moment and not beyond another, in order, at most `limit`: the next five, or a year's preview.
  [[nodiscard]] std::vector<timestamp> occurrences(timestamp after, timestamp until, std::size_t limit) const;

  /// The latest firing in (after, until]. Costs some dozen steps, however many firings lie between.
  [[nodiscard]] std::optional<timestamp> last_in(timestamp after, timestamp until) const;

  /// From one firing to the next; nothing when it is the last.
  [[nodiscard]] std::optional<duration> period_after(timestamp firing) const;

  /// One line for people: "30 2 * * * in America/New_York", "every 5 m".
  [[nodiscard]] std::string describe() const;

  /// The rule's text without the zone, as `parse` takes it.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const time_zone& zone() const noexcept { return zone_; }
  [[nodiscard]] weekday_set weekdays() const noexcept { return weekdays_; }

  friend bool operator==(const schedule_rule&, const schedule_rule&) = default;

private:
  schedule_rule(std::variant<cron_expression, interval> times, time_zone zone, weekday_set weekdays)
      : times_(std::move(times)), zone_(zone), weekdays_(weekdays) {}
  [[nodiscard]] std::optional<timestamp> next_of_any_day(timestamp after) const;

  std::variant<cron_expression, interval> times_;
  time_zone zone_;
  weekday_set weekdays_;
};

} // namespace penstock
