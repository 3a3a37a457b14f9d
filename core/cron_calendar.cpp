#include "core/cron_calendar.hpp"

#include <bit>

namespace penstock {
namespace {

using namespace std::chrono;

constexpr years horizon{50};

/// The lowest bit at or above `from`; -1 when there is none.
int bit_at_or_above(std::uint64_t bits, int from) {
  if (from >= 64)
    return -1;
  const std::uint64_t left = bits >> from << from;
  return left == 0 ? -1 : std::countr_zero(left);
}

} // namespace

std::uint64_t cron_calendar::days_in(year_month month) const {
  const auto length = static_cast<unsigned>(year_month_day_last{month / last}.day());
  const unsigned first_weekday = weekday{local_days{month / 1}}.c_encoding();
  // Turned so that bit 0 is the weekday of the 1st, then repeated over five weeks and moved to bit 1.
  const std::uint64_t week = ((weekdays >> first_weekday) | (weekdays << (7 - first_weekday))) & 0x7f;
  const std::uint64_t by_weekday =
    (week | week << 7 | week << 14 | week << 21 | week << 28) << 1 | by_place.weekdays_in(length, first_weekday);
  const std::uint64_t by_day = days | by_place.days_in(length, first_weekday);
  const std::uint64_t existing = ((std::uint64_t{1} << length) - 1) << 1;
  return (either_day ? by_day | by_weekday : by_day & by_weekday) & existing;
}

std::optional<local_days> cron_calendar::day_at_or_after(local_days from) const {
  const year_month_day start{from};
  int first_day = static_cast<int>(static_cast<unsigned>(start.day()));
  int month = static_cast<int>(static_cast<unsigned>(start.month()));
  const auto last_year = start.year() + horizon;
  for (auto year = start.year(); year <= last_year; ++year, month = 1, first_day = 1) {
    for (int next = bit_at_or_above(months, month); next > 0; next = bit_at_or_above(months, next + 1)) {
      const auto in_month = year / std::chrono::month{static_cast<unsigned>(next)};
      const int found = bit_at_or_above(days_in(in_month), next == month ? first_day : 1);
      if (found > 0)
        return local_days{in_month / day{static_cast<unsigned>(found)}};
    }
  }
  return std::nullopt;
}

std::optional<seconds> cron_calendar::time_at_or_after(std::chrono::seconds since_midnight) const {
  const hh_mm_ss start{since_midnight};
  const int start_hour = static_cast<int>(start.hours().count());
  const int start_minute = static_cast<int>(start.minutes().count());
  const int start_second = static_cast<int>(start.seconds().count());
  const auto at = [](int h, int m, int s) {
    return std::chrono::hours{h} + std::chrono::minutes{m} + std::chrono::seconds{s};
  };
  int hour = bit_at_or_above(hours, start_hour);
  if (hour == start_hour) {
    int minute = bit_at_or_above(minutes, start_minute);
    if (minute == start_minute) {
      if (const int second = bit_at_or_above(seconds, start_second); second >= 0)
        return at(hour, minute, second);
      minute = bit_at_or_above(minutes, start_minute + 1);
    }
    if (minute >= 0)
      return at(hour, minute, bit_at_or_above(seconds, 0));
    hour = bit_at_or_above(hours, start_hour + 1);
  }
  if (hour < 0)
    return std::nullopt;
  return at(hour, bit_at_or_above(minutes, 0), bit_at_or_above(seconds, 0));
}

std::optional<local_seconds> cron_calendar::at_or_after(local_seconds from) const {
  const auto today = floor<std::chrono::days>(from);
  const auto day = day_at_or_after(today);
  if (!day)
    return std::nullopt;
  if (*day == today) {
    if (const auto time = time_at_or_after(from - today))
      return today + *time;
    const auto later = day_at_or_after(today + std::chrono::days{1});
    return later ? std::optional{*later + *time_at_or_after(std::chrono::seconds{0})} : std::nullopt;
  }
  return *day + *time_at_or_after(std::chrono::seconds{0});
}

} // namespace penstock
