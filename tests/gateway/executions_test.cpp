#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class executions : public route_test {
protected:
  std::string enqueued(const std::string& body) {
    return text_of(ask("POST", "/api/v1/executions", body, 201).at("id"));
  }
  std::string state_of(const std::string& id) { return text_of(ask("GET", "/api/v1/executions/" + id).at("state")); }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const auto list = ask("GET", "/api/v1/executions" + query);
    for (const auto& each : list.at("items").as_array())
      ids.push_back(text_of(each.at("id")));
    return ids;
  }
};

TEST_F(executions, OneIsEnqueuedRunAndShown) {
  const auto id = enqueued(R"({"kind":"test.step","args":{"name":"x"}})");
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
  const auto shown = ask("GET", "/api/v1/executions/" + id);
  EXPECT_EQ(text_of(shown.at("id")), id);
  EXPECT_EQ(text_of(shown.at("state")), "completed");
  EXPECT_EQ(text_of(shown.at("status")), "COMPLETED");
  EXPECT_EQ(text_of(shown.at("args").at("name")), "x");
  EXPECT_EQ(text_of(shown.at("triggered_by")), "api");
  EXPECT_EQ(shown.at("attempt").as_int64(), 1);
  EXPECT_TRUE(shown.at("finished_at").is_string());
}

TEST_F(executions, ManyAreEnqueuedTogether) {
  const auto reply = ask("POST", "/api/v1/executions",
                         R"([{"kind":"test.step","args":{"name":"a"}},{"kind":"test.step","args":{"name":"b"}}])", 201);
  const auto& items = reply.at("items").as_array();
  ASSERT_EQ(items.size(), 2u);
  EXPECT_NE(items[0].at("id"), items[1].at("id"));
  EXPECT_EQ(ran.size(), 2u);
}

TEST_F(executions, OneBadItemRefusesAll) {
  EXPECT_EQ(
    problem("POST", "/api/v1/executions", R"([{"kind":"test.step","args":{"name":"a"}},{"kind":"no.such.kind"}])", 400),
    "invalid_argument");
  EXPECT_EQ(problem("POST", "/api/v1/executions",
                    R"([{"kind":"test.step","args":{"name":"a"}},{"kind":"test.step","args":{"name":nope}}])", 400),
            "invalid_argument");
  EXPECT_TRUE(ran.empty());
  EXPECT_TRUE(listed("").empty());
}

TEST_F(executions, SecondHolderOfAUniqueKeyIsTheFirst) {
  const std::string body = R"({"kind":"test.step","args":{"name":"x"},"unique_key":"k","delay_ms":60000})";
  const auto first = enqueued(body);
  const auto again = ask("POST", "/api/v1/executions", body, 201);
  EXPECT_EQ(text_of(again.at("id")), first);
  EXPECT_TRUE(again.at("deduplicated").as_bool());
}

TEST_F(executions, DelayedOneWaitsForItsTime) {
  const auto id = enqueued(R"({"kind":"test.step","args":{"name":"x"},"delay_ms":2000})");
  EXPECT_EQ(state_of(id), "delayed");
  EXPECT_EQ(listed("?state=delayed"), std::vector<std::string>{id});
  EXPECT_TRUE(listed("?state=waiting").empty());
  advance(std::chrono::seconds(3));
  EXPECT_EQ(state_of(id), "completed");
}

TEST_F(executions, ListHasFiltersAndPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(enqueued(R"({"kind":"test.step","args":{"name":"n)" + std::to_string(i) + "\"}}"));
  const auto failed = enqueued(R"({"kind":"test.error","args":{"code":"not_found","times":9}})");
  EXPECT_EQ(listed("?state=failed"), std::vector<std::string>{failed});
  EXPECT_EQ(listed("?kind=test.error"), std::vector<std::string>{failed});
  EXPECT_EQ(listed("?q=n3"), std::vector<std::string>{ids[3]});
  EXPECT_TRUE(listed("?queue=fetch").empty());
  EXPECT_TRUE(listed("?integration=77").empty());

  std::vector<std::string> walked;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const auto page =
      ask("GET", "/api/v1/executions?limit=2&kind=test.step" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& each : page.at("items").as_array())
      walked.push_back(text_of(each.at("id")));
    if (page.at("next_cursor").is_null())
      break;
    cursor = text_of(page.at("next_cursor"));
  }
  std::reverse(walked.begin(), walked.end());
  EXPECT_EQ(walked, ids) << "newest first, each once";
}

TEST_F(executions, MistakesInAListAreTold) {
  for (const auto* query : {"?state=done", "?limit=0", "?limit=201", "?cursor=abc", "?integration=x", "?stat=failed"})
    EXPECT_EQ(problem("GET", std::string("/api/v1/executions") + query, "", 400), "invalid_argument") << query;
}

TEST_F(executions, UnknownAndUnreadableIds) {
  EXPECT_EQ(problem("GET", "/api/v1/executions/123456", "", 404), "not_found");
  EXPECT_EQ(problem("GET", "/api/v1/executions/abc", "", 400), "invalid_argument");
  EXPECT_EQ(problem("GET", "/api/v1/executions/123456/exchanges", "", 404), "not_found");
  EXPECT_EQ(problem("POST", "/api/v1/executions/123456/cancel", "", 404), "not_found");
  EXPECT_EQ(problem("POST", "/api/v1/executions/123456/retry", "", 404), "not_found");
}

TEST_F(executions, FailedOneShowsItsErrorsAndRunsAgain) {
  const auto id = enqueued(R"({"kind":"test.error","args":{"code":"not_found","times":1}})");
  const auto shown = ask("GET", "/api/v1/executions/" + id);
  EXPECT_EQ(text_of(shown.at("state")), "failed");
  ASSERT_EQ(shown.at("errors").as_array().size(), 1u);
  const auto& error = shown.at("errors").as_array()[0];
  EXPECT_EQ(text_of(error.at("class")), "final");
  EXPECT_EQ(text_of(error.at("message")), "as the test asked");
  const auto reply = ask("POST", "/api/v1/executions/" + id + "/retry", "", 202);
  EXPECT_EQ(text_of(reply.at("id")), id);
  EXPECT_FALSE(reply.at("deduplicated").as_bool());
}

TEST_F(executions, OnlyAFailedOneIsRetried) {
  const auto id = enqueued(R"({"kind":"test.step","args":{"name":"x"}})");
  EXPECT_EQ(problem("POST", "/api/v1/executions/" + id + "/retry", "", 409), "conflict");
}

TEST_F(executions, WaitingOneIsCancelledAtOnce) {
  const auto id = enqueued(R"({"kind":"test.step","args":{"name":"x"},"delay_ms":60000})");
  const auto reply = ask("POST", "/api/v1/executions/" + id + "/cancel", R"({"reason":"not needed"})");
  EXPECT_EQ(text_of(reply.at("state")), "cancelled");
  EXPECT_EQ(state_of(id), "cancelled");
  EXPECT_EQ(text_of(ask("POST", "/api/v1/executions/" + id + "/cancel").at("state")), "cancelled") << "twice is once";
  advance(std::chrono::minutes(2));
  EXPECT_TRUE(ran.empty());
}

TEST_F(executions, EndedOneCannotBeCancelled) {
  const auto id = enqueued(R"({"kind":"test.step","args":{"name":"x"}})");
  EXPECT_EQ(problem("POST", "/api/v1/executions/" + id + "/cancel", "", 409), "conflict");
}

TEST_F(executions, RunningOneIsAskedToStop) {
  provider.fail("GET", "/page", error_code::network);
  const auto id = enqueued(R"({"kind":"test.fetch"})");
  ASSERT_EQ(state_of(id), "active") << "it waits for its second try";
  // Whether it has stopped when the answer is written depends on how quick it is.
  const auto reply = send("POST", "/api/v1/executions/" + id + "/cancel");
  EXPECT_TRUE(reply.status == 202 || reply.status == 200) << reply.status << reply.body;
  EXPECT_EQ(state_of(id), "cancelled");
}

TEST_F(executions, ExchangesOfAFetchAreListed) {
  provider.reply("GET", "/page", 200, "one");
  const auto id = enqueued(R"({"kind":"test.fetch"})");
  const auto list = ask("GET", "/api/v1/executions/" + id + "/exchanges");
  ASSERT_EQ(list.at("items").as_array().size(), 1u);
  const auto& first = list.at("items").as_array()[0];
  EXPECT_EQ(text_of(first.at("url")), "http://provider.test/page");
  EXPECT_EQ(first.at("status").as_int64(), 200);
  EXPECT_EQ(first.at("try").as_int64(), 1);
  EXPECT_TRUE(list.at("next_cursor").is_null());
}

TEST_F(executions, StoreThatCannotWriteIsServiceUnavailable) {
  fault = [](std::string_view) { return error{error_code::storage_full, "no space left"}; };
  const auto reply = send("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})");
  fault = nullptr;
  EXPECT_EQ(reply.status, 503) << reply.body;
  EXPECT_TRUE(reply.headers.contains("Retry-After"));
}

} // namespace
} // namespace penstock::gateway::testing
