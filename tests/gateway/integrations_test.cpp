#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class integrations : public route_test {
protected:
  std::string path(const std::string& id, const std::string& action = {}) {
    return "/api/v1/integrations/" + id + (action.empty() ? "" : "/" + action);
  }
  /// One whose tokens are there.
  std::string authorised_integration() {
    const auto id = add_integration(R"({"service":"test","update_frequency_minutes":null})");
    authorise(id);
    return id;
  }
};

TEST_F(integrations, IsAddedShownAndListed) {
  const auto reply = send("POST", "/api/v1/integrations",
                          R"({"service":"test","name":"Mine","config":{"a":1.50},"update_frequency_minutes":5})");
  EXPECT_EQ(reply.status, 201) << reply.body;
  const auto made = json::parse(reply.body);
  const auto id = text_of(made.at("id"));
  EXPECT_EQ(reply.headers.value_or("Location", ""), path(id));
  EXPECT_EQ(text_of(made.at("name")), "Mine");
  EXPECT_EQ(text_of(made.at("status")), "paused") << "before the first consent";
  EXPECT_EQ(made.at("update_frequency_minutes").as_int64(), 5);
  EXPECT_EQ(ask("GET", path(id)), made);
  const auto list = ask("GET", "/api/v1/integrations?service=test&status=paused");
  ASSERT_EQ(list.at("items").as_array().size(), 1u);
  EXPECT_EQ(text_of(list.at("items").as_array()[0].at("id")), id);
  EXPECT_TRUE(ask("GET", "/api/v1/integrations?status=failed").at("items").as_array().empty());
}

TEST_F(integrations, AbsentFieldsComeFromTheService) {
  const auto made = ask("POST", "/api/v1/integrations", R"({"service":"test"})", 201);
  EXPECT_EQ(text_of(made.at("name")), "Test");
  EXPECT_EQ(made.at("update_frequency_minutes").as_int64(), 15);
  EXPECT_EQ(json::serialize(made.at("config")), "{}");
}

TEST_F(integrations, RemovalTakesAlongTheSchedulesThatFetchItAndNoOther) {
  const auto id = add_integration(), other = add_integration();
  const auto schedule = [&](const std::string& name, const std::string& rest) {
    ask("POST", "/api/v1/schedules", R"({"name":")" + name + R"(","cron":"10 4 * * *",)" + rest + "}", 201);
  };
  const auto fetching = [](const std::string& which) {
    return R"("kind":"integrations.fetch","args":{"integration_id":")" + which + R"("})";
  };
  schedule("mine", fetching(id));
  schedule("others", fetching(other));
  schedule("more", fetching(id) + R"(,"more_jobs":[{"kind":"test.step","args":{"name":"x"}}])");
  schedule("step", R"("kind":"test.step","args":{"integration_id":")" + id + R"("})");
  EXPECT_EQ(send("DELETE", path(id)).status, 204);
  EXPECT_EQ(problem("GET", "/api/v1/schedules/mine", "", 404), "not_found");
  for (const auto* name : {"others", "more", "step"})
    EXPECT_EQ(send("GET", std::string("/api/v1/schedules/") + name).status, 200) << name;
}

TEST_F(integrations, MistakesAreTold) {
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({})", 400), "invalid_argument");
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"tset"})", 400), "invalid_argument");
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"test","config":[]})", 400), "invalid_argument");
  EXPECT_EQ(problem("POST", "/api/v1/integrations", R"({"service":"test","update_frequency_minutes":-1})", 400),
            "invalid_argument");
  EXPECT_EQ(problem("GET", "/api/v1/integrations?status=asleep", "", 400), "invalid_argument");
  EXPECT_EQ(problem("GET", path("77"), "", 404), "not_found");
  EXPECT_EQ(problem("GET", path("x"), "", 400), "invalid_argument");
  for (const auto* action : {"fetch", "pause", "resume", "reset", "authorize"})
    EXPECT_EQ(problem("POST", path("77", action), "", 404), "not_found") << action;
  for (const auto* part : {"runs", "cursors", "row-errors"})
    EXPECT_EQ(problem("GET", path("77", part), "", 404), "not_found") << part;
}

TEST_F(integrations, IsEdited) {
  const auto id = add_integration();
  const auto edited = ask("PATCH", path(id), R"({"name":"New","config":{"b":2},"update_frequency_minutes":null})");
  EXPECT_EQ(text_of(edited.at("name")), "New");
  EXPECT_EQ(json::serialize(edited.at("config")), R"({"b":2})");
  EXPECT_TRUE(edited.at("update_frequency_minutes").is_null());
  EXPECT_EQ(text_of(ask("PATCH", path(id), R"({"update_frequency_minutes":60})").at("name")), "New");
  EXPECT_EQ(problem("PATCH", path(id), R"({"service":"other"})", 400), "invalid_argument");
  EXPECT_EQ(problem("PATCH", path(id), R"({"name":""})", 400), "invalid_argument");
  EXPECT_EQ(problem("PATCH", path("77"), R"({"name":"x"})", 404), "not_found");
}

TEST_F(integrations, IsRemoved) {
  const auto id = add_integration();
  const auto reply = send("DELETE", path(id));
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(problem("GET", path(id), "", 404), "not_found");
  EXPECT_EQ(problem("DELETE", path(id), "", 404), "not_found");
}

TEST_F(integrations, FetchRunsItAndItsRunIsListed) {
  provider.reply("GET", "/page", 200, "one");
  const auto id = authorised_integration();
  const auto started = ask("POST", path(id, "fetch"), R"({"force":true})", 202);
  EXPECT_FALSE(started.at("deduplicated").as_bool());
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"page one"});
  const auto runs = ask("GET", path(id, "runs"));
  ASSERT_EQ(runs.at("items").as_array().size(), 1u);
  const auto& run = runs.at("items").as_array()[0];
  EXPECT_EQ(text_of(run.at("state")), "completed");
  EXPECT_EQ(text_of(run.at("job_id")), text_of(started.at("job_id")));
  EXPECT_EQ(text_of(ask("GET", path(id)).at("status")), "idle");
}

TEST_F(integrations, OneThatIsPausedIsNotFetched) {
  const auto id = authorised_integration();
  EXPECT_EQ(text_of(ask("POST", path(id, "pause")).at("status")), "paused");
  EXPECT_EQ(problem("POST", path(id, "fetch"), R"({"force":true})", 409), "conflict");
  EXPECT_EQ(text_of(ask("POST", path(id, "resume")).at("status")), "idle");
  EXPECT_EQ(problem("POST", path(id, "resume"), "", 409), "conflict");
  EXPECT_EQ(problem("POST", path(id, "fetch"), R"({"dry":true})", 400), "invalid_argument");
}

TEST_F(integrations, WhatItsStatusForbidsIsToldWithTheCommandThatHelps) {
  const auto told = [&](const std::string& id, const char* action) {
    const auto reply = send("POST", path(id, action));
    EXPECT_EQ(reply.status, 409) << reply.body;
    return text_of(json::parse(reply.body).at("detail"));
  };
  const auto fresh = add_integration(), id = authorised_integration();
  EXPECT_EQ(told(fresh, "fetch"),
            "integration " + fresh + " was never authorised: penstock integrations authorize " + fresh);
  EXPECT_EQ(told(id, "resume"),
            "integration " + id + " is not paused: to sync it now, penstock integrations fetch " + id);
  ask("POST", path(id, "pause"));
  EXPECT_EQ(told(id, "fetch"),
            "integration " + id + " is paused: penstock integrations resume " + id + " lets it go on");
  ask("POST", path(id, "resume"));
  const auto act = [&](integration_action action) {
    unit_of_work unit;
    unit.changes.emplace_back(act_on_integration{integration_id{std::stoll(id)}, action, "it was revoked"});
    EXPECT_TRUE(commit(std::move(unit)));
  };
  act(integration_action::requires_reauth);
  const auto consent = "needs a new consent: penstock integrations authorize " + id;
  EXPECT_EQ(told(id, "fetch"), "integration " + id + " " + consent);
  EXPECT_EQ(told(id, "resume"), "integration " + id + " " + consent);
  EXPECT_EQ(told(id, "pause"), "integration " + id + " is not synced anyway, because it " + consent);
  EXPECT_EQ(text_of(ask("GET", path(id)).at("to_do")), consent);
  EXPECT_EQ(text_of(ask("GET", path(fresh)).at("to_do")),
            "was never authorised: penstock integrations authorize " + fresh);
  act(integration_action::disconnect);
  EXPECT_TRUE(ask("GET", path(id)).at("to_do").is_null());
  for (const auto* action : {"fetch", "pause", "resume"})
    EXPECT_EQ(told(id, action),
              "integration " + id + " was disconnected for good: penstock integrations add test makes a new one");
}

TEST_F(integrations, WhatTheJobsOfALiveRunMetLastIsShownBeforeItEnds) {
  const auto id = authorised_integration();
  provider.reply("GET", "/page", 404, "");
  ask("POST", path(id, "fetch"), R"({"force":true})", 202);
  settle();
  const auto shown = ask("GET", path(id));
  ASSERT_FALSE(shown.at("live_run_id").is_null()) << json::serialize(shown);
  EXPECT_EQ(text_of(shown.at("last_error")), "status 404");
}

TEST_F(integrations, ServiceThatNobodyHasIsAMistakeAndTheOthersAreNamed) {
  const auto reply = send("GET", "/api/v1/integrations?service=tests");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(
    text_of(json::parse(reply.body).at("detail")),
    "there is no service 'tests' (did you mean 'test'?): this node has test (more come with connectors that the "
    "configuration enables)");
  EXPECT_TRUE(ask("GET", "/api/v1/integrations?service=test").at("items").as_array().empty());
}

TEST_F(integrations, ConsentIsShownByItsTimeAlone) {
  const auto id = add_integration();
  EXPECT_TRUE(ask("GET", path(id)).at("authorised_at").is_null());
  EXPECT_TRUE(ask("GET", "/api/v1/integrations").at("items").as_array()[0].at("authorised_at").is_null());
  EXPECT_TRUE(ask("GET", path(id)).at("awaits_consent").as_bool());
  const auto consented = authorised_integration();
  EXPECT_FALSE(ask("GET", path(consented)).at("awaits_consent").as_bool());
  const auto shown = send("GET", path(consented));
  EXPECT_EQ(text_of(json::parse(shown.body).at("authorised_at")), "2026-06-01T12:00:00Z");
  EXPECT_EQ(shown.body.find("\"token"), std::string::npos) << shown.body;
  const auto list = send("GET", "/api/v1/integrations");
  EXPECT_EQ(text_of(json::parse(list.body).at("items").as_array()[0].at("authorised_at")), "2026-06-01T12:00:00Z");
  EXPECT_EQ(list.body.find("\"token"), std::string::npos) << list.body;
}

TEST_F(integrations, OneWithoutConsentIsNotResumed) {
  const auto id = add_integration();
  const auto reply = send("POST", path(id, "resume"));
  EXPECT_EQ(reply.status, 409);
  EXPECT_NE(reply.body.find("penstock integrations authorize " + id), std::string::npos) << reply.body;
  EXPECT_EQ(text_of(ask("GET", path(id)).at("status")), "paused");
}

TEST_F(integrations, CursorsAreSetAndCleared) {
  const auto id = add_integration();
  ask("POST", path(id, "reset"), R"({"stream":"pages","cursor":{"last":"x"}})");
  const auto set = ask("GET", path(id, "cursors")).at("items").as_array();
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(text_of(set[0].at("stream")), "pages");
  EXPECT_EQ(text_of(set[0].at("cursor").at("last")), "x");
  const auto reset = ask("POST", path(id, "reset"));
  EXPECT_TRUE(reset.at("cursors").as_array()[0].at("cursor").is_null());
  EXPECT_EQ(problem("POST", path(id, "reset"), R"({"cursor":{"last":"x"}})", 400), "invalid_argument");
  EXPECT_EQ(problem("POST", path(id, "reset"), R"({"stream":"pagse"})", 404), "not_found");
}

TEST_F(integrations, StreamsAreSetBackToAMoment) {
  const auto id = add_integration();
  constexpr auto from = R"({"from":"2026-01-01T00:00:00Z"})";
  EXPECT_EQ(problem("POST", path(id, "reset"), from, 409), "conflict") << "nothing was synced yet";
  ask("POST", path(id, "reset"), R"({"stream":"pages","cursor":{"last":"x"}})");
  ask("POST", path(id, "reset"), R"({"stream":"names","cursor":{"last":"y"}})");
  ask("POST", path(id, "reset"), from);
  const auto set = ask("GET", path(id, "cursors")).at("items").as_array();
  ASSERT_EQ(set.size(), 2u);
  EXPECT_EQ(text_of(set[0].at("cursor").at("last")), "y") << "a stream without times stays where it is";
  EXPECT_EQ(text_of(set[1].at("cursor").at("since")), "2026-01-01T00:00:00Z");
  EXPECT_EQ(problem("POST", path(id, "reset"), R"({"stream":"names","from":"2026-01-01T00:00:00Z"})", 400),
            "invalid_argument");
  EXPECT_EQ(problem("POST", path(id, "reset"), R"({"stream":"other","from":"2026-01-01T00:00:00Z"})", 409), "conflict");
  for (const auto* wrong : {R"({"from":"2026-06-02T00:00:00Z"})", R"({"from":"yesterday"})",
                            R"({"from":"2026-01-01T00:00:00Z","stream":"pages","cursor":{}})"})
    EXPECT_EQ(problem("POST", path(id, "reset"), wrong, 400), "invalid_argument") << wrong;
}

TEST_F(integrations, AuthorizeGivesALinkForTenMinutes) {
  const auto id = add_integration();
  const auto link = ask("POST", path(id, "authorize"), "", 201);
  EXPECT_TRUE(
    text_of(link.at("url")).starts_with("https://penstock.test/oauth/test/start?integration=" + id + "&link="));
  EXPECT_EQ(text_of(link.at("expires_at")), "2026-06-01T12:10:00Z");
}

TEST_F(integrations, DryRunIsARunThatSaysWhatItWouldDo) {
  const auto id = authorised_integration();
  provider.reply("GET", "/page", 200, "hello");
  const auto started = ask("POST", path(id, "fetch"), R"({"dry_run":true})", 202);
  EXPECT_TRUE(started.at("dry_run").as_bool());
  const auto runs = ask("GET", path(id, "runs")).at("items").as_array();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_TRUE(runs[0].at("dry_run").as_bool());
  EXPECT_EQ(text_of(runs[0].at("job_id")), text_of(started.at("job_id")));
  const auto one = ask("GET", path(id, "runs/" + text_of(runs[0].at("id"))));
  EXPECT_EQ(one.at("run"), runs[0]);
  EXPECT_TRUE(one.at("difference").at("tables").as_array().empty()) << "its pages hold no rows";
  EXPECT_TRUE(ask("GET", path(id)).at("last_successful_update_at").is_null());
  EXPECT_EQ(problem("GET", path(id, "runs/77"), "", 404), "not_found");
  EXPECT_EQ(problem("POST", path(id, "fetch"), R"({"dry_run":1})", 400), "invalid_argument");
}

} // namespace
} // namespace penstock::gateway::testing
