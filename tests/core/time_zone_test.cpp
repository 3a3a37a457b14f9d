#include "core/time_zone.hpp"

#include <gtest/gtest.h>

#include "core/rfc3339.hpp"

namespace penstock {
namespace {

using namespace std::chrono;
using kind = local_lookup::kind;

time_zone zone(std::string_view name) {
  auto found = time_zone::find(name);
  EXPECT_TRUE(found) << found.error().message;
  return found.value_or(time_zone{});
}

timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(time_zone, InstalledDatabaseIsComplete) {
  const auto checked = check_time_zone_database();
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST(time_zone, UtcNeedsNoLookup) {
  EXPECT_EQ(zone("UTC"), time_zone{});
  EXPECT_EQ(zone(""), time_zone{});
  EXPECT_EQ(time_zone{}.name(), "UTC");
  EXPECT_EQ(time_zone{}.offset_at(at("2026-07-01T00:00:00Z")), 0s);
  EXPECT_TRUE(time_zone{}.transitions(at("1900-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z")).empty());
  const auto found = time_zone{}.to_utc(local_timestamp{local_days{2026y / 3 / 8}});
  EXPECT_EQ(found.what, kind::unique);
  EXPECT_EQ(found.first, at("2026-03-08T00:00:00Z"));
}

TEST(time_zone, UnknownNameIsNamedWithTheNearest) {
  const auto found = time_zone::find("America/New_Yorc");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, error_code::invalid_argument);
  EXPECT_NE(found.error().message.find("'America/New_Yorc'"), std::string::npos) << found.error().message;
  EXPECT_NE(found.error().message.find("'America/New_York'"), std::string::npos) << found.error().message;
}

TEST(time_zone, HostileNamesAreUnknown) {
  for (const auto& name : {std::string{"../../etc/passwd"}, std::string{"/etc/localtime"}, std::string(100'000, 'a'),
                           std::string{"Europe/Berlin\0x", 15}})
    EXPECT_FALSE(time_zone::find(name));
}

TEST(time_zone, ListsAllNamesSorted) {
  const auto names = time_zone::all_names();
  ASSERT_TRUE(names);
  EXPECT_GT(names->size(), 300u);
  EXPECT_TRUE(std::is_sorted(names->begin(), names->end()));
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York"})
    EXPECT_TRUE(std::binary_search(names->begin(), names->end(), name)) << name;
}

TEST(time_zone, KnowsOffsetsAndPeriods) {
  const auto new_york = zone("America/New_York");
  EXPECT_EQ(new_york.offset_at(at("2026-01-15T00:00:00Z")), -5h);
  EXPECT_EQ(new_york.offset_at(at("2026-07-15T00:00:00Z")), -4h);
  const auto summer = new_york.period_at(at("2026-07-15T00:00:00Z"));
  EXPECT_EQ(summer.begin, at("2026-03-08T07:00:00Z"));
  EXPECT_EQ(summer.end, at("2026-11-01T06:00:00Z"));
  // The last microsecond of winter belongs to winter.
  EXPECT_EQ(new_york.offset_at(summer.begin - 1us), -5h);
  EXPECT_EQ(new_york.offset_at(summer.begin), -4h);
}

TEST(time_zone, FarMomentsHaveAPeriodToo) {
  for (const auto& z : {time_zone{}, zone("America/New_York")})
    for (const auto moment : {timestamp::min(), timestamp::max()}) {
      const auto period = z.period_at(moment);
      EXPECT_LT(period.begin, period.end);
    }
}

TEST(time_zone, FindsLocalTimesInGapsAndFolds) {
  const auto new_york = zone("America/New_York");
  const auto usual = new_york.to_utc(local_days{2026y / 3 / 8} + 1h + 59min);
  EXPECT_EQ(usual.what, kind::unique);
  EXPECT_EQ(usual.first, at("2026-03-08T01:59:00-05:00"));
  const auto gap = new_york.to_utc(local_days{2026y / 3 / 8} + 2h + 30min);
  EXPECT_EQ(gap.what, kind::gap);
  EXPECT_EQ(gap.first, at("2026-03-08T03:00:00-04:00"));
  const auto fold = new_york.to_utc(local_days{2026y / 11 / 1} + 1h + 30min);
  EXPECT_EQ(fold.what, kind::fold);
  EXPECT_EQ(fold.first, at("2026-11-01T01:30:00-04:00"));
  EXPECT_EQ(fold.second, at("2026-11-01T01:30:00-05:00"));
}

TEST(time_zone, ToLocalShowsTheClock) {
  EXPECT_EQ(zone("Asia/Kathmandu").to_local(at("2026-01-01T00:00:00.5Z")),
            local_timestamp{local_days{2026y / 1 / 1} + 5h + 45min + 500ms});
}

TEST(time_zone, ListsTransitionsOfAHalfOpenRange) {
  const auto lord_howe = zone("Australia/Lord_Howe");
  const auto changes = lord_howe.transitions(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].at, at("2026-04-05T02:00:00+11:00"));
  EXPECT_EQ(changes[0].before - changes[0].after, 30min);
  EXPECT_EQ(changes[1].after - changes[1].before, 30min);
  EXPECT_EQ(lord_howe.transitions(changes[0].at, changes[1].at).size(), 1u);
  EXPECT_EQ(lord_howe.transitions(changes[0].at, changes[1].at + 1us).size(), 2u);
  EXPECT_EQ(lord_howe.transitions(changes[0].at + 1us, changes[1].at).size(), 0u);
}

} // namespace
} // namespace penstock
