// Every transition of every zone to 2037, against a slow reading of the rule: take each local time that the expression
// names, ask the zone when its clocks show it, and apply the rule for gaps and folds.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "core/cron.hpp"
#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;

/// An expression of seconds, minutes and hours, and perhaps of the last day of the month.
struct daily_times {
  std::string text;
  std::vector<int> minutes;
  std::vector<int> hours;
  bool interval;
  std::vector<int> seconds{0};
  /// Whether a day is meant; null: all are.
  bool (*is_meant)(local_days day) = nullptr;
};

bool is_last_of_month(local_days day) {
  const year_month_day date{day};
  return year_month_day_last{date.year() / date.month() / last}.day() == date.day();
}

bool is_saturday_or_sunday(local_days day) { return weekday{day} == Saturday || weekday{day} == Sunday; }

/// The weekday of the day, for the third one of its month or the last, as `sun#3` and `sunL` say.
bool is_third_or_last_sunday(local_days day) {
  const auto date = static_cast<unsigned>(year_month_day{day}.day());
  const bool last = year_month_day{day + days{7}}.month() != year_month_day{day}.month();
  return weekday{day} == Sunday && ((date > 14 && date <= 21) || last);
}

std::vector<int> range(int low, int high, int step = 1) {
  std::vector<int> values;
  for (int value = low; value <= high; value += step)
    values.push_back(value);
  return values;
}

std::set<timestamp> expected_firings(const daily_times& times, const time_zone& zone, timestamp from, timestamp to) {
  std::set<timestamp> found;
  const auto first_day = floor<days>(local_timestamp{(from - 26h).time_since_epoch()});
  const auto last_day = floor<days>(local_timestamp{(to + 26h).time_since_epoch()});
  for (auto day = first_day; day <= last_day; day += days{1}) {
    if (times.is_meant && !times.is_meant(day))
      continue;
    for (const int hour : times.hours)
      for (const int minute : times.minutes)
        for (const int second : times.seconds) {
          const auto seen = zone.to_utc(day + hours{hour} + minutes{minute} + seconds{second});
          found.insert(seen.first);
          if (times.interval)
            found.insert(seen.second);
        }
  }
  found.erase(found.begin(), found.upper_bound(from));
  found.erase(found.upper_bound(to), found.end());
  return found;
}

/// Fails with one readable line for the first difference.
void compare(const daily_times& times, const time_zone& zone, timestamp from, timestamp to) {
  const auto cron = cron_expression::parse(times.text).value();
  ASSERT_EQ(cron.is_interval(), times.interval) << times.text;
  auto moment = from;
  for (const auto expected : expected_firings(times, zone, from, to)) {
    const auto next = cron.next(moment, zone);
    ASSERT_TRUE(next) << times.text << " in " << zone.name();
    ASSERT_GT(*next, moment) << times.text << " in " << zone.name();
    ASSERT_EQ(*next, expected) << times.text << " in " << zone.name() << " after " << format_rfc3339(moment)
                               << " fires at " << format_rfc3339(*next) << ", not " << format_rfc3339(expected);
    moment = *next;
  }
  const auto beyond = cron.next(std::max(moment, from), zone);
  ASSERT_TRUE(beyond && *beyond > to) << times.text << " in " << zone.name() << " after " << format_rfc3339(moment);
}

/// Expressions that mean something around a change: in the middle of the gap or fold, at both its edges, midnight, and
/// intervals.
std::vector<daily_times> expressions_for(const zone_transition& change) {
  const auto local_before = change.at + change.before;
  const auto local_after = change.at + change.after;
  const auto low = std::min(local_before, local_after);
  const auto high = std::max(local_before, local_after);
  std::vector<daily_times> all;
  for (const timestamp local : {low, low + (high - low) / 2, high}) {
    const hh_mm_ss clock{floor<minutes>(local) - floor<days>(local)};
    const int hour = static_cast<int>(clock.hours().count());
    const int minute = static_cast<int>(clock.minutes().count());
    all.push_back({std::to_string(minute) + " " + std::to_string(hour) + " * * *", {minute}, {hour}, false});
  }
  all.push_back({"0,30 0,2 * * *", {0, 30}, {0, 2}, false});
  all.push_back({"7 * * * *", {7}, range(0, 23), true});
  const int hour = static_cast<int>(hh_mm_ss{floor<minutes>(low) - floor<days>(low)}.hours().count());
  all.push_back({"*/20 " + std::to_string(hour) + " * * *", range(0, 59, 20), {hour}, true});
  all.push_back({"15 1-3 * * *", {15}, range(1, 3), true});
  all.push_back({"15 23-2 * * *", {15}, {23, 0, 1, 2}, true});
  const auto of_hour = " " + std::to_string(hour) + " ";
  all.push_back({"7,50 30" + of_hour + "* * *", {30}, {hour}, false, {7, 50}});
  all.push_back({"*/25 0,30" + of_hour + "* * *", {0, 30}, {hour}, true, {0, 25, 50}});
  all.push_back({"59 59" + of_hour + "* * *", {59}, {hour}, false, {59}});
  all.push_back({"30" + of_hour + "L * ?", {30}, {hour}, false, {0}, is_last_of_month});
  all.push_back({"30" + of_hour + "? * sun#3,sunL", {30}, {hour}, false, {0}, is_third_or_last_sunday});
  all.push_back({"*/30" + of_hour + "? * sat-sun", {0, 30}, {hour}, true, {0}, is_saturday_or_sunday});
  return all;
}

std::vector<zone_transition> changes_of(const time_zone& zone) {
  return zone.transitions(sys_days{1970y / 1 / 1}, sys_days{2038y / 1 / 1});
}

std::vector<time_zone> all_zones() {
  std::vector<time_zone> zones;
  const auto names = time_zone::all_names();
  for (const auto& name : names.value())
    if (auto zone = time_zone::find(name))
      zones.push_back(*zone);
  return zones;
}

TEST(cron_every_zone, EachTransitionFollowsTheRule) {
  std::set<std::vector<std::int64_t>> seen;
  std::size_t met = 0;
  for (const auto& zone : all_zones())
    for (const auto& change : changes_of(zone)) {
      ++met;
      // Zones that change alike, with the same neighbouring changes, are one case: nothing else can matter.
      std::vector<std::int64_t> key{change.at.time_since_epoch().count()};
      for (const auto& near : zone.transitions(change.at - days{5}, change.at + days{5}))
        key.insert(key.end(), {near.at.time_since_epoch().count(), near.before.count(), near.after.count()});
      if (!seen.insert(key).second)
        continue;
      for (const auto& times : expressions_for(change)) {
        compare(times, zone, change.at - 14h, change.at + 26h);
        if (HasFatalFailure())
          return;
      }
    }
  RecordProperty("transitions", static_cast<int>(met));
  RecordProperty("cases", static_cast<int>(seen.size()));
  EXPECT_GT(met, 10'000u);
  EXPECT_GT(seen.size(), 3'000u);
}

TEST(cron_every_zone, IntervalExpressionIsPeriodicInRealTime) {
  const auto cron = cron_expression::parse("*/30 * * * *").value();
  std::set<std::pair<timestamp, seconds>> seen;
  std::size_t tested = 0;
  for (const auto& zone : all_zones())
    for (const auto& change : changes_of(zone)) {
      // Only changes that keep half hours on half hours; zones that change together are one case.
      if (change.before % 30min != 0s || change.after % 30min != 0s || change.at.time_since_epoch() % 30min != 0s ||
          !seen.insert({change.at, change.after}).second)
        continue;
      timestamp moment = change.at - 2h;
      for (int i = 0; i < 8; ++i) {
        const auto next = cron.next(moment, zone);
        ASSERT_TRUE(next);
        ASSERT_EQ(*next - moment, 30min) << zone.name() << " after " << format_rfc3339(moment);
        moment = *next;
      }
      ++tested;
    }
  EXPECT_GT(tested, 1'000u);
}

} // namespace
} // namespace penstock
