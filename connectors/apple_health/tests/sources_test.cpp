// Points of one metric and time whose lists of sources are not the same.
#include <gmock/gmock.h>

#include "connectors/apple_health/tests/small_export.hpp"

namespace penstock::connectors::apple_health {
namespace {

using ::testing::ElementsAre;

std::string steps(const std::vector<std::string>& points) {
  return export_json({metric_json("step_count", "count", points)});
}

/// A day's steps, as devices counted them together.
std::string day_of(const std::string& sources, int qty, int day = 1) {
  return R"({"date":"2026-01-0)" + std::to_string(day) + R"( 00:00:00 +0000","qty":)" + std::to_string(qty) +
         R"(,"source":")" + sources + "\"}";
}

class apple_health_sources : public ::testing::Test {
protected:
  using texts = std::vector<std::string>;
  testing::run_report deliver(const std::string& body) { return phone.deliver(body); }
  row_set select(const std::string& sql) const { return phone.driver.tables.select(sql); }
  /// "SOURCE QTY" of what counts.
  texts live() const {
    texts all;
    const auto found = select("SELECT source, qty FROM health_metrics WHERE deleted_at IS NULL ORDER BY source_id");
    for (const auto& row : found.rows)
      all.push_back(std::get<std::string>(row[0]) + ' ' + std::to_string(static_cast<int>(std::get<double>(row[1]))));
    return all;
  }

  export_driver phone;
};

TEST_F(apple_health_sources, DeviceThatIsHeardOfLaterDoublesNothing) {
  deliver(steps({day_of("iPhone", 900)}));
  const auto report = deliver(steps({day_of("Watch|iPhone", 2000)}));
  EXPECT_EQ(report.rows.added, 1);
  EXPECT_EQ(report.rows.deleted, 1);
  EXPECT_THAT(live(), ElementsAre("Watch|iPhone 2000"));
  deliver(steps({day_of("Oura|iPhone|Watch", 2500)}));
  EXPECT_THAT(live(), ElementsAre("Oura|iPhone|Watch 2500"));
  EXPECT_FALSE(deliver(steps({day_of("Oura|iPhone|Watch", 2500)})).rows.changed());
  deliver(steps({day_of("iPhone|Watch|Oura", 2600)}));
  EXPECT_THAT(live(), ElementsAre("iPhone|Watch|Oura 2600")) << "the same ones in another order";
}

TEST_F(apple_health_sources, OlderExportThatComesAfterwardsDoublesNothing) {
  const auto morning = steps({day_of("iPhone", 900)});
  deliver(steps({day_of("Watch|iPhone", 2000)}));
  deliver(morning);
  EXPECT_THAT(live(), ElementsAre("Watch|iPhone 2000")) << "told for the first time";
  deliver(steps({day_of("Watch|iPhone", 2000)}));
  deliver(morning);
  EXPECT_THAT(live(), ElementsAre("Watch|iPhone 2000")) << "told again";
}

TEST_F(apple_health_sources, WhatDoesNotHoldTheOtherStandsBesideIt) {
  deliver(steps({day_of("Watch", 1), day_of("iPhone", 2), day_of("iPhone|Watch", 3)}));
  EXPECT_EQ(live().size(), 3u) << "of one export all stand";
  deliver(steps({day_of("Ring|Scale", 4), day_of("iPhone|Watch", 3, 2)}));
  EXPECT_EQ(live().size(), 5u) << "other sources, and another day";
  const auto stage = [](const std::string& value, const std::string& source) {
    return R"({"startDate":"2026-01-01 23:00:00 +0000","endDate":"2026-01-02 01:00:00 +0000","qty":2,"value":")" +
           value + R"(","source":")" + source + "\"}";
  };
  deliver(export_json({metric_json("sleep_analysis", "hr", {stage("Core", "Watch"), stage("Deep", "Watch")})}));
  deliver(export_json({metric_json("sleep_analysis", "hr", {stage("Core", "Watch|iPhone")})}));
  EXPECT_EQ(select("SELECT 1 FROM health_metrics WHERE name = 'sleep_analysis' AND deleted_at IS NULL").rows.size(), 2u)
    << "stages of sleep are told apart";
}

TEST_F(apple_health_sources, LargeExportsAreMergedInTurns) {
  std::vector<std::string> narrow, wide;
  const auto point = [](std::int64_t minute, const std::string& source) {
    auto text = point_json(minute, "1");
    const std::string both = "Sam’s Apple Watch|iPhone";
    return text.replace(text.find(both), both.size(), source);
  };
  for (int minute = 0; minute < 5000; ++minute) {
    narrow.push_back(point(minute, "iPhone"));
    wide.push_back(point(minute, "Watch|iPhone"));
  }
  deliver(steps(narrow));
  EXPECT_EQ(deliver(steps(wide)).rows.deleted, 5000);
  EXPECT_EQ(live().size(), 5000u);
  deliver(steps(narrow));
  EXPECT_EQ(select("SELECT 1 FROM health_metrics WHERE deleted_at IS NULL AND source = 'iPhone'").rows.size(), 0u);
  EXPECT_EQ(live().size(), 5000u);
}

} // namespace
} // namespace penstock::connectors::apple_health
