#include "core/cron.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/cron_days.hpp"
#include "core/cron_field.hpp"
#include "core/nearest_name.hpp"
#include "core/quotable.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

constexpr std::size_t longest_text = 1024;

/// No zone's clocks have been this far from UTC, nor jumped this far.
constexpr hours farthest_shift{48};

constexpr timestamp earliest{sys_days{year{1} / 1 / 1}};
constexpr timestamp latest{sys_days{year{9000} / 1 / 1}};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};

constexpr cron_field_range second_range{"second", 0, 59};
constexpr cron_field_range minute_range{"minute", 0, 59};
constexpr cron_field_range hour_range{"hour", 0, 23};
const cron_field_range month_range{"month", 1, 12, month_names};

struct macro {
  std::string_view name;
  std::string_view expression;
};

constexpr std::array macros{
  macro{"@hourly", "0 * * * *"},   macro{"@daily", "0 0 * * *"},        macro{"@midnight", "0 0 * * *"},
  macro{"@weekly", "0 0 * * 0"},   macro{"@monthly", "0 0 1 * *"},      macro{"@yearly", "0 0 1 1 *"},
  macro{"@annually", "0 0 1 1 *"}, macro{"@every_minute", "* * * * *"}, macro{"@every_second", "* * * * * *"}};

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const auto start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos)
      return words;
    text.remove_prefix(start);
    const auto length = std::min(text.find_first_of(blanks), text.size());
    words.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
}

tl::unexpected<error> refuse(std::string_view text, std::string_view why) {
  return failure(error_code::invalid_argument, "cron '" + quotable(text, 80) + "': " + std::string{why});
}

/// The latest local time that the clocks had shown before a period began.
local_timestamp shown_before(const zone_period& period, const time_zone& zone) {
  const auto local = [](timestamp moment, seconds offset) {
    return local_timestamp{moment.time_since_epoch() + offset};
  };
  local_timestamp shown = local_timestamp::min();
  // Usually one step; more where a zone changed its mind within days.
  timestamp end = period.begin;
  while (end > earliest && end > period.begin - farthest_shift) {
    const auto before = zone.period_at(end - seconds{1});
    shown = std::max(shown, local(before.end, before.offset));
    end = before.begin;
  }
  return shown == local_timestamp::min() ? local(period.begin, period.offset) : shown;
}

} // namespace

result<cron_expression> cron_expression::parse(std::string_view text) {
  if (text.size() > longest_text)
    return refuse(text, "it is longer than 1024 characters");
  auto words = words_of(text);
  cron_expression expression;
  for (const auto word : words)
    expression.text_ += (expression.text_.empty() ? "" : " ") + std::string{word};
  if (words.size() == 1 && words.front().starts_with('@')) {
    const auto found =
      std::find_if(macros.begin(), macros.end(), [&](const macro& m) { return m.name == expression.text_; });
    if (found == macros.end()) {
      std::vector<std::string> names;
      for (const auto& m : macros)
        names.emplace_back(m.name);
      return refuse(text, "unknown name" + did_you_mean(text, names));
    }
    words = words_of(found->expression);
  }
  if (words.size() != 5 && words.size() != 6)
    return refuse(text, "it has " + std::to_string(words.size()) +
                          " fields, not the five: minute, hour, day of month, month, day of week (or six, with second "
                          "in front)");
  if (words.size() == 5)
    words.insert(words.begin(), "0");
  const auto second = parse_cron_field(words[0], second_range);
  const auto minute = parse_cron_field(words[1], minute_range);
  const auto hour = parse_cron_field(words[2], hour_range);
  const auto day_of_month = parse_day_of_month(words[3]);
  const auto month = parse_cron_field(words[4], month_range);
  const auto day_of_week = parse_day_of_week(words[5]);
  for (const auto* field : {&second, &minute, &hour})
    if (!*field)
      return refuse(text, field->error().message);
  if (!day_of_month)
    return refuse(text, day_of_month.error().message);
  if (!month)
    return refuse(text, month.error().message);
  if (!day_of_week)
    return refuse(text, day_of_week.error().message);
  auto& calendar = expression.calendar_;
  calendar.seconds = second->values;
  calendar.minutes = minute->values;
  calendar.hours = static_cast<std::uint32_t>(hour->values);
  calendar.days = static_cast<std::uint32_t>(day_of_month->plain.values);
  calendar.months = static_cast<std::uint32_t>(month->values);
  const auto weekdays = static_cast<std::uint32_t>(day_of_week->plain.values);
  calendar.weekdays = (weekdays | weekdays >> 7) & 0x7f;
  calendar.by_place = day_of_month->days;
  calendar.by_place.nth = day_of_week->days.nth;
  calendar.by_place.last_weekdays = day_of_week->days.last_weekdays;
  calendar.either_day = !day_of_month->plain.starts_with_star && !day_of_week->plain.starts_with_star;
  expression.interval_ = second->repeats || minute->repeats || hour->repeats;
  return expression;
}

std::optional<timestamp> cron_expression::next(timestamp after, const time_zone& zone) const {
  if (after >= latest)
    return std::nullopt;
  timestamp cursor = std::max(after, earliest) + duration{1};
  // From one period of constant offset to the next: inside one, local time runs like UTC. Each turn moves the cursor
  // to a later period, and there are finitely many.
  while (true) {
    const auto period = zone.period_at(cursor);
    auto from = local_timestamp{cursor.time_since_epoch() + period.offset};
    if (cursor < period.begin + farthest_shift) {
      const auto shown = shown_before(period, zone);
      const local_timestamp begin{period.begin.time_since_epoch() + period.offset};
      if (cursor == period.begin && begin > shown) {
        const auto skipped = calendar_.at_or_after(ceil<seconds>(shown));
        if (skipped && *skipped < begin)
          return period.begin;
      }
      if (!interval_)
        from = std::max(from, shown);
    }
    const auto found = calendar_.at_or_after(ceil<seconds>(from));
    if (!found)
      return std::nullopt;
    const timestamp moment{found->time_since_epoch() - period.offset};
    if (moment < period.end)
      return moment;
    if (period.end >= latest)
      return std::nullopt;
    // Whatever the offsets to come, nothing fires much before `found`: skip the periods until then. Not where the
    // clocks are set back behind `from`, though: what they show again may be named.
    const auto following = zone.period_at(period.end);
    const bool again = local_timestamp{period.end.time_since_epoch() + following.offset} < from;
    const bool brief = following.end - following.begin < farthest_shift;
    cursor = again || brief ? period.end : std::max(period.end, timestamp{found->time_since_epoch()} - farthest_shift);
  }
}

} // namespace penstock
