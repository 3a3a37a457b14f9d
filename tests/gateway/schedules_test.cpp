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

constexpr auto mine = R"({"name":"mine","every":"1 h","kind":"test.step","args":{"name":"{occurrence}"}})";

TEST_F(schedules, OneIsMadeShownEditedAndRemoved) {
  const auto made = ask("POST", "/api/v1/schedules", mine, 201);
  EXPECT_EQ(text_of(made.at("overlap")), "skip");
  EXPECT_TRUE(made.at("catch_up_ms").is_null());
  EXPECT_FALSE(made.at("declared").as_bool());
  ASSERT_EQ(made.at("next_runs").as_array().size(), 5u);
  EXPECT_EQ(problem("POST", "/api/v1/schedules", mine, 409), "conflict");
  EXPECT_EQ(ask("GET", "/api/v1/schedules/mine"), made);
  const auto edited = ask("PATCH", "/api/v1/schedules/mine",
                          R"({"cron":"0 4 * * fri#1","time_zone":"Europe/Berlin","overlap":"cancel_running",)"
                          R"("catch_up_ms":0,"jitter_ms":5000,"stagger_ms":100,"weekdays":["fri"],"enabled":false,)"
                          R"("more_jobs":[{"kind":"test.error","args":{"code":"network"}}]})");
  EXPECT_EQ(text_of(edited.at("cron")), "0 4 * * fri#1");
  EXPECT_EQ(text_of(edited.at("overlap")), "cancel_running");
  EXPECT_EQ(edited.at("catch_up_ms").as_int64(), 0);
  EXPECT_EQ(text_of(edited.at("more_jobs").as_array()[0].at("kind")), "test.error");
  EXPECT_TRUE(edited.at("next_runs").as_array().empty());
  EXPECT_TRUE(
    ask("PATCH", "/api/v1/schedules/mine", R"({"catch_up_ms":null,"weekdays":null})").at("catch_up_ms").is_null());
  EXPECT_EQ(send("DELETE", "/api/v1/schedules/mine").status, 204);
  EXPECT_EQ(problem("GET", "/api/v1/schedules/mine", "", 404), "not_found");
  EXPECT_EQ(problem("DELETE", "/api/v1/schedules/check-integration-updates", "", 409), "conflict");
}

TEST_F(schedules, MistakesInOneAreTold) {
  for (const auto* body :
       {R"({})", R"({"name":"x","kind":"test.step"})", R"({"name":"x","cron":"* * * * *"})",
        R"({"name":"x","cron":"61 * * * *","kind":"test.step"})", R"({"name":"x","every":"0 s","kind":"test.step"})",
        R"({"name":"x","every":"1 s","cron":"* * * * *","kind":"test.step"})",
        R"({"name":"x","every":"1 s","kind":"test.nothing"})", R"({"name":"preview","every":"1 s","kind":"test.step"})",
        R"({"name":"x","every":"1 s","kind":"test.step","overlap":"queue"})",
        R"({"name":"x","every":"1 s","kind":"test.step","weekdays":[]})",
        R"({"name":"x","every":"1 s","kind":"test.step","weekdays":["monday"]})",
        R"({"name":"x","every":"1 s","kind":"test.step","more_jobs":[{}]})",
        R"({"name":"x","every":"1 s","kind":"test.step","time_zone":"Mars/Olympus"})",
        R"({"name":"x","every":"1 s","kind":"test.step","jitter_ms":-1})"})
    EXPECT_EQ(problem("POST", "/api/v1/schedules", body, 400), "invalid_argument") << body;
  EXPECT_EQ(problem("PATCH", "/api/v1/schedules/nobody", R"({"enabled":true})", 404), "not_found");
}

TEST_F(schedules, AnEditCountsAtOnce) {
  ask("POST", "/api/v1/schedules", mine, 201);
  advance(std::chrono::seconds(2));
  EXPECT_TRUE(ran.empty());
  ask("PATCH", "/api/v1/schedules/mine", R"({"every":"1 s"})");
  advance(std::chrono::seconds(3));
  EXPECT_EQ(ran, (std::vector<std::string>{"2026-06-01T12:00:03Z", "2026-06-01T12:00:04Z", "2026-06-01T12:00:05Z"}));
  const auto kept = ask("GET", "/api/v1/schedules/mine/occurrences?limit=2");
  ASSERT_EQ(kept.at("items").as_array().size(), 2u);
  EXPECT_EQ(text_of(kept.at("items").as_array()[0].at("at")), "2026-06-01T12:00:05Z");
  EXPECT_EQ(text_of(kept.at("items").as_array()[0].at("outcome")), "fired");
  EXPECT_FALSE(kept.at("next_cursor").is_null());
  EXPECT_EQ(problem("GET", "/api/v1/schedules/nobody/occurrences", "", 404), "not_found");
}

TEST_F(schedules, ATriggerThatIsSkippedSaysSo) {
  ask("POST", "/api/v1/schedules", mine, 201);
  ask("POST", "/api/v1/queues/default/pause");
  const auto first = ask("POST", "/api/v1/schedules/mine/trigger", "", 202);
  EXPECT_EQ(text_of(first.at("outcome")), "fired");
  ASSERT_EQ(first.at("job_ids").as_array().size(), 1u);
  const auto second = ask("POST", "/api/v1/schedules/mine/trigger");
  EXPECT_EQ(text_of(second.at("outcome")), "skipped");
  EXPECT_NE(text_of(second.at("note")).find(text_of(first.at("job_ids").as_array()[0])), std::string::npos);
  EXPECT_EQ(problem("POST", "/api/v1/schedules/nobody/trigger", "", 404), "not_found");
}

TEST_F(schedules, ABackfillCanBePreviewedAndMakesEachOnce) {
  ask("POST", "/api/v1/schedules", mine, 201);
  const std::string at = "/api/v1/schedules/mine/backfill";
  const std::string range = R"("from":"2026-05-31T00:00:00Z","to":"2026-05-31T05:00:00Z")";
  const auto preview = ask("POST", at, "{" + range + R"(,"preview":true})");
  EXPECT_EQ(preview.at("count").as_int64(), 5);
  EXPECT_EQ(text_of(preview.at("items").as_array()[0].at("at")), "2026-05-31T00:00:00Z");
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(ask("POST", at, "{" + range + "}", 202).at("count").as_int64(), 5);
  EXPECT_EQ(ran.size(), 5u);
  EXPECT_EQ(ran.front(), "2026-05-31T00:00:00Z");
  const auto again = ask("POST", at, R"({"from":"2026-05-31T03:00:00Z","to":"2026-05-31T07:00:00Z"})", 202);
  EXPECT_EQ(again.at("count").as_int64(), 2);
  EXPECT_EQ(again.at("already_fired").as_int64(), 2);
  EXPECT_EQ(ran.size(), 7u);
  for (const auto* body :
       {"{}", R"({"from":"2026-05-31T00:00:00Z"})", R"({"from":"2026-05-31T05:00:00Z","to":"2026-05-31T05:00:00Z"})",
        R"({"from":"2026-05-31T00:00:00Z","to":"2026-06-02T00:00:00Z"})",
        R"({"from":"2020-05-31T00:00:00Z","to":"2026-05-31T00:00:00Z"})"})
    EXPECT_EQ(problem("POST", at, body, 400), "invalid_argument") << body;
}

TEST_F(schedules, AYearIsPreviewedOnRequest) {
  const auto year = ask("GET", "/api/v1/schedules/preview?cron=0%200%20L%20*%20*&from=2026-01-01T00:00:00Z"
                               "&until=2026-12-31T23:59:59Z&count=20000");
  EXPECT_EQ(year.at("items").as_array().size(), 12u);
}

} // namespace
} // namespace penstock::gateway::testing
