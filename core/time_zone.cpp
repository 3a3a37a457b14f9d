#include "core/time_zone.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include <date/tz.h>

#include "core/nearest_name.hpp"
#include "core/quotable.hpp"

namespace penstock {
namespace {

using std::chrono::seconds;

const std::string utc_name = "UTC";

// What the library itself gives for zones without transitions.
constexpr timestamp first_moment{seconds{-1'096'193'779'200}};
constexpr timestamp last_moment{seconds{971'890'876'800}};

tl::unexpected<error> unreadable(const std::exception& problem) {
  return failure(error_code::bad_configuration, std::string{"cannot read the time zone database: "} + problem.what() +
                                                  " (install the package tzdata)");
}

date::sys_seconds to_library(timestamp moment) {
  return std::chrono::floor<seconds>(std::clamp(moment, first_moment, last_moment - seconds{1}));
}

zone_period to_period(const date::sys_info& info) { return {info.begin, info.end, info.offset}; }

std::vector<std::string> names_of(const date::tzdb& database) {
  std::vector<std::string> names;
  names.reserve(database.zones.size() + 1);
  for (const auto& zone : database.zones)
    names.push_back(zone.name());
  if (!std::binary_search(names.begin(), names.end(), utc_name))
    names.insert(std::upper_bound(names.begin(), names.end(), utc_name), utc_name);
  return names;
}

} // namespace

result<time_zone> time_zone::find(std::string_view name) {
  if (name.empty() || name == utc_name)
    return time_zone{};
  try {
    const auto& zones = date::get_tzdb().zones;
    const auto found = std::find_if(zones.begin(), zones.end(), [&](const auto& zone) { return zone.name() == name; });
    if (found == zones.end()) {
      const auto shown = quotable(name, 64);
      return failure(error_code::invalid_argument,
                     "unknown time zone '" + shown + "'" + did_you_mean(shown, names_of(date::get_tzdb())));
    }
    // The file is read at first use: that must not throw later, where nobody expects it.
    static_cast<void>(found->get_info(date::sys_seconds{}));
    return time_zone{&*found};
  } catch (const std::exception& problem) {
    return unreadable(problem);
  }
}

result<std::vector<std::string>> time_zone::all_names() {
  try {
    return names_of(date::get_tzdb());
  } catch (const std::exception& problem) {
    return unreadable(problem);
  }
}

const std::string& time_zone::name() const noexcept { return zone_ == nullptr ? utc_name : zone_->name(); }

zone_period time_zone::period_at(timestamp moment) const {
  if (zone_ == nullptr)
    return {first_moment, last_moment, seconds{0}};
  return to_period(zone_->get_info(to_library(moment)));
}

local_timestamp time_zone::to_local(timestamp moment) const {
  return local_timestamp{moment.time_since_epoch() + offset_at(moment)};
}

local_lookup time_zone::to_utc(local_timestamp local) const {
  using kind = local_lookup::kind;
  const auto since_epoch = local.time_since_epoch();
  const timestamp as_utc{since_epoch};
  if (zone_ == nullptr)
    return {kind::unique, as_utc, as_utc};
  const auto info = zone_->get_info(date::local_seconds{to_library(as_utc).time_since_epoch()});
  if (info.result == date::local_info::nonexistent)
    return {kind::gap, info.second.begin, info.second.begin};
  const timestamp first = as_utc - info.first.offset;
  if (info.result == date::local_info::ambiguous)
    return {kind::fold, first, as_utc - info.second.offset};
  return {kind::unique, first, first};
}

std::vector<zone_transition> time_zone::transitions(timestamp from, timestamp to) const {
  std::vector<zone_transition> found;
  // One step back, so that a transition at `from` itself counts.
  zone_period period = period_at(from - duration{1});
  while (period.end < to && period.end < last_moment) {
    const zone_period next = period_at(period.end);
    // Some transitions change only the name or the daylight flag.
    if (next.offset != period.offset)
      found.push_back({next.begin, period.offset, next.offset});
    period = next;
  }
  return found;
}

result<void> check_time_zone_database() {
  using namespace std::chrono;
  // Any of them will do: countries give up daylight saving, but hardly all of these at once.
  constexpr std::array witnesses{"America/New_York", "Europe/Berlin", "Europe/London", "Australia/Sydney",
                                 "America/Santiago"};
  for (const char* name : witnesses) {
    const auto zone = time_zone::find(name);
    if (!zone)
      return failure(error_code::bad_configuration, "the time zone database is incomplete: " + zone.error().message);
    if (!zone->transitions(sys_days{2037y / 1 / 1}, sys_days{2038y / 1 / 1}).empty())
      return {};
  }
  return failure(error_code::bad_configuration,
                 "the time zone database does not reach to 2037: its files are of the 'slim' kind, summer times would "
                 "be an hour off (install Debian's tzdata, or build the database with zic -b fat)");
}

} // namespace penstock
