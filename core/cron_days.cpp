#include "core/cron_days.hpp"

#include <optional>
#include <string>

#include "core/quotable.hpp"

namespace penstock {
namespace {

constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr cron_field_range month_days{"day of month", 1, 31, {}, false, "* , - / ? L W"};
const cron_field_range weekdays{"day of week", 0, 7, weekday_names, true, "* , - / ? L #"};

constexpr unsigned saturday = 6, sunday = 0;

bool is_letter(char c, char lower) { return (c | 0x20) == lower; }

unsigned weekday_of(unsigned day, unsigned first_weekday) { return (first_weekday + day - 1) % 7; }

std::uint64_t nearest_working_day(unsigned day, unsigned length, unsigned first_weekday) {
  const auto weekday = weekday_of(day, first_weekday);
  if (weekday == saturday)
    day = day > 1 ? day - 1 : 3;
  else if (weekday == sunday)
    day = day < length ? day + 1 : day - 2;
  return std::uint64_t{1} << day;
}

/// `L`, `L-n`, `LW`, `L-nW`, `dW`; nothing for what every field has.
result<bool> read_month_item(std::string_view item, cron_days& days) {
  const bool from_end = !item.empty() && is_letter(item.front(), 'l');
  const bool working = item.size() > 1 && is_letter(item.back(), 'w');
  if (!from_end && !working)
    return false;
  const std::string whole{item.substr(0, 32)};
  if (working)
    item.remove_suffix(1);
  if (from_end) {
    item.remove_prefix(1);
    std::optional<int> before = 0;
    if (!item.empty())
      before = item.front() == '-' ? cron_number(item.substr(1)) : std::nullopt;
    if (!before || *before > 30)
      return refuse_cron_field(month_days,
                               "'" + quotable(whole, 32) + "' is not L, L-0 to L-30, or one of them with W behind it");
    (working ? days.near_before_last : days.before_last) |= std::uint32_t{1} << *before;
    return true;
  }
  const auto day = cron_number(item);
  if (!day || *day < 1 || *day > 31)
    return refuse_cron_field(month_days,
                             "'" + quotable(whole, 32) + "': W stands behind one day, from 1W to 31W, or L");
  days.near |= std::uint32_t{1} << *day;
  return true;
}

/// `5#3`, `5L`; nothing for what every field has.
result<bool> read_week_item(std::string_view item, cron_days& days) {
  const auto hash = item.find('#');
  const bool last = !item.empty() && is_letter(item.back(), 'l');
  if (hash == std::string_view::npos && !last)
    return false;
  if (item.size() == 1)
    return refuse_cron_field(weekdays,
                             "'" + quotable(item, 32) + "' names no day: write friL or 5L for the last Friday");
  const auto day = parse_cron_value(item.substr(0, last ? item.size() - 1 : hash), weekdays);
  if (!day)
    return tl::unexpected(day.error());
  const auto weekday = static_cast<unsigned>(*day % 7);
  if (last) {
    days.last_weekdays |= static_cast<std::uint8_t>(1u << weekday);
    return true;
  }
  const auto which = cron_number(item.substr(hash + 1));
  if (!which || *which < 1 || *which > 5)
    return refuse_cron_field(weekdays, "'" + quotable(item, 32) + "': behind # stands which of the month, 1 to 5");
  days.nth[weekday] |= static_cast<std::uint8_t>(1u << *which);
  return true;
}

result<cron_day_field> parse_days(std::string_view text, const cron_field_range& range,
                                  result<bool> (*read_item)(std::string_view, cron_days&)) {
  cron_day_field field;
  if (text == "?")
    text = "*";
  field.plain.starts_with_star = text.starts_with('*');
  while (true) {
    const auto comma = text.find(',');
    const auto item = text.substr(0, comma);
    const auto special = read_item(item, field.days);
    if (!special)
      return tl::unexpected(special.error());
    if (!*special) {
      const auto plain = parse_cron_field(item, range);
      if (!plain)
        return tl::unexpected(plain.error());
      field.plain.values |= plain->values;
      field.plain.repeats |= plain->repeats;
    }
    if (comma == std::string_view::npos)
      return field;
    text.remove_prefix(comma + 1);
  }
}

} // namespace

std::uint64_t cron_days::days_in(unsigned length, unsigned first_weekday) const noexcept {
  std::uint64_t found = 0;
  for (unsigned n = 0; n < length && (before_last | near_before_last) >> n != 0; ++n) {
    if (before_last >> n & 1)
      found |= std::uint64_t{1} << (length - n);
    if (near_before_last >> n & 1)
      found |= nearest_working_day(length - n, length, first_weekday);
  }
  for (unsigned day = 1; day <= length && near >> day != 0; ++day)
    if (near >> day & 1)
      found |= nearest_working_day(day, length, first_weekday);
  return found;
}

std::uint64_t cron_days::weekdays_in(unsigned length, unsigned first_weekday) const noexcept {
  std::uint64_t found = 0;
  for (unsigned weekday = 0; weekday < 7; ++weekday) {
    const bool last = last_weekdays >> weekday & 1;
    if (!last && nth[weekday] == 0)
      continue;
    const unsigned first = 1 + (weekday + 7 - first_weekday) % 7;
    for (unsigned day = first, which = 1; day <= length; day += 7, ++which)
      if (nth[weekday] >> which & 1 || (last && day + 7 > length))
        found |= std::uint64_t{1} << day;
  }
  return found;
}

result<cron_day_field> parse_day_of_month(std::string_view text) {
  return parse_days(text, month_days, read_month_item);
}

result<cron_day_field> parse_day_of_week(std::string_view text) { return parse_days(text, weekdays, read_week_item); }

} // namespace penstock
