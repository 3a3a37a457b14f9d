#include "core/schedule_rule.hpp"

#include <algorithm>

namespace penstock {
namespace {

/// No rule that fires at all rests longer.
constexpr duration longest_look_back = std::chrono::years{50};

} // namespace

result<schedule_rule> schedule_rule::parse(std::string_view text, std::string_view zone_name, weekday_set weekdays) {
  if ((weekdays & every_weekday) == 0)
    return failure(error_code::invalid_argument, "a schedule needs at least one day of the week");
  const auto zone = time_zone::find(zone_name);
  if (!zone)
    return tl::unexpected(zone.error());
  if (text.starts_with("every")) {
    const auto every = interval::parse(text);
    if (!every)
      return tl::unexpected(every.error());
    return schedule_rule{*every, *zone, weekdays};
  }
  const auto cron = cron_expression::parse(text);
  if (!cron)
    return tl::unexpected(cron.error());
  return schedule_rule{*cron, *zone, weekdays};
}

std::optional<timestamp> schedule_rule::next_of_any_day(timestamp after) const {
  if (const auto* every = std::get_if<interval>(&times_))
    return every->next(after);
  return std::get<cron_expression>(times_).next(after, zone_);
}

std::optional<timestamp> schedule_rule::next(timestamp after) const {
  auto firing = next_of_any_day(after);
  if (weekdays_ == every_weekday)
    return firing;
  const auto start = firing;
  while (firing && *firing - *start < longest_look_back) {
    const auto period = zone_.period_at(*firing);
    const local_timestamp local{firing->time_since_epoch() + period.offset};
    const auto day = std::chrono::floor<std::chrono::days>(local);
    if (weekdays_ >> std::chrono::weekday{day}.c_encoding() & 1)
      return firing;
    // On from the zone's next midnight, or from its next change of offset: behind that midnight may be elsewhere.
    const timestamp midnight{(day + std::chrono::days{1}).time_since_epoch() - period.offset};
    firing = next_of_any_day(std::min(midnight, period.end) - duration{1});
  }
  return std::nullopt;
}

std::vector<timestamp> schedule_rule::occurrences(timestamp after, timestamp until, std::size_t limit) const {
  std::vector<timestamp> found;
  while (found.size() < limit) {
    const auto firing = next(after);
    if (!firing || *firing > until)
      break;
    found.push_back(*firing);
    after = *firing;
  }
  return found;
}

std::optional<timestamp> schedule_rule::last_in(timestamp after, timestamp until) const {
  std::optional<timestamp> latest;
  // Nothing fires in (high, until], and `latest` is at `low`: halve what lies between.
  timestamp low = std::max(after, until - longest_look_back);
  timestamp high = until;
  while (low < high) {
    const timestamp middle = latest ? low + (high - low) / 2 : low;
    const auto firing = next(middle);
    if (firing && *firing <= until)
      latest = low = *firing;
    else if (middle == low)
      break;
    else
      high = middle;
  }
  return latest;
}

std::optional<duration> schedule_rule::period_after(timestamp firing) const {
  const auto following = next(firing);
  return following ? std::optional{*following - firing} : std::nullopt;
}

std::string schedule_rule::describe() const {
  if (std::holds_alternative<interval>(times_))
    return text();
  return text() + " in " + zone_.name();
}

std::string schedule_rule::text() const {
  if (const auto* every = std::get_if<interval>(&times_))
    return every->text();
  return std::get<cron_expression>(times_).text();
}

} // namespace penstock
