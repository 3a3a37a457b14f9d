#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class schedules : public route_test {};

TEST_F(schedules, ListShowsTheNextTimesOfEach) {
  const auto list = ask("GET", "/api/v1/schedules");
  json::value check;
  for (const auto& each : list.at("items").as_array())
    if (text_of(each.at("name")) == "check-integration-updates")
      check = each;
  ASSERT_TRUE(check.is_object()) << "the schedule that every node has";
  EXPECT_EQ(text_of(check.at("every")), "30s");
  EXPECT_TRUE(check.at("enabled").as_bool());
  ASSERT_EQ(check.at("next_runs").as_array().size(), 5u);
  EXPECT_EQ(text_of(check.at("next_runs").as_array()[0]), "2026-06-01T12:00:30Z");
}

TEST_F(schedules, PreviewKeepsToDaylightSaving) {
  const auto preview = ask("GET", "/api/v1/schedules/preview?cron=30%202%20*%20*%20*&tz=America/New_York"
                                  "&from=2026-03-07T12:00:00Z&count=3");
  EXPECT_EQ(text_of(preview.at("time_zone")), "America/New_York");
  std::vector<std::string> local, utc;
  for (const auto& each : preview.at("items").as_array()) {
    local.push_back(text_of(each.at("local")));
    utc.push_back(text_of(each.at("at")));
  }
  EXPECT_EQ(local, (std::vector<std::string>{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00",
                                             "2026-03-10T02:30:00-04:00"}));
  EXPECT_EQ(utc.front(), "2026-03-08T07:00:00Z");
}

TEST_F(schedules, PreviewShowsFiveFromNowUnlessTold) {
  const auto preview = ask("GET", "/api/v1/schedules/preview?cron=every%205%20m");
  ASSERT_EQ(preview.at("items").as_array().size(), 5u);
  EXPECT_EQ(text_of(preview.at("items").as_array()[0].at("at")), "2026-06-01T12:05:00Z");
}

TEST_F(schedules, MistakesInAPreviewAreTold) {
  for (const auto* query : {"", "?cron=", "?cron=61%20*%20*%20*%20*", "?cron=@daily&tz=Mars/Olympus",
                            "?cron=@daily&from=yesterday", "?cron=@daily&count=0", "?cron=@daily&zone=UTC"})
    EXPECT_EQ(problem("GET", std::string("/api/v1/schedules/preview") + query, "", 400), "invalid_argument") << query;
}

} // namespace
} // namespace penstock::gateway::testing
