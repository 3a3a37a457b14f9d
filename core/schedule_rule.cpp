#include "core/schedule_rule.hpp"

#include <algorithm>

namespace penstock {
namespace {

/// No rule that fires at all rests longer.
constexpr duration longest_look_back = std::chrono::years{50};

} // namespace

result<schedule_rule> schedule_rule::parse(std::string_view text, std::string_view zone_name) {
  const auto zone = time_zone::find(zone_name);
  if (!zone)
    return tl::unexpected(zone.error());
  if (text.starts_with("every")) {
    const auto every = interval::parse(text);
    if (!every)
      return tl::unexpected(every.error());
    return schedule_rule{*every, *zone};
  }
  const auto cron = cron_expression::parse(text);
  if (!cron)
    return tl::unexpected(cron.error());
  return schedule_rule{*cron, *zone};
}

std::optional<timestamp> schedule_rule::next(timestamp after) const {
  if (const auto* every = std::get_if<interval>(&times_))
    return every->next(after);
  return std::get<cron_expression>(times_).next(after, zone_);
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
