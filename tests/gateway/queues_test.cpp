#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class queues : public route_test {
protected:
  void fail_one() {
    ask("POST", "/api/v1/executions", R"({"kind":"test.error","args":{"code":"not_found","times":9}})", 201);
  }
};

TEST_F(queues, ListNamesThemAllInOrder) {
  const auto list = ask("GET", "/api/v1/queues");
  std::vector<std::string> names;
  for (const auto& each : list.at("items").as_array())
    names.push_back(text_of(each.at("name")));
  EXPECT_EQ(names, (std::vector<std::string>{"default", "fetch", "process"}));
  EXPECT_TRUE(list.at("next_cursor").is_null());
}

TEST_F(queues, ShowsCountsAndConcurrency) {
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201);
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"y"},"delay_ms":60000})", 201);
  fail_one();
  const auto queue = ask("GET", "/api/v1/queues/default");
  EXPECT_EQ(queue.at("concurrency").as_int64(), 2);
  EXPECT_FALSE(queue.at("paused").as_bool());
  const auto& counts = queue.at("counts");
  EXPECT_EQ(counts.at("completed").as_int64(), 1);
  EXPECT_EQ(counts.at("delayed").as_int64(), 1);
  EXPECT_EQ(counts.at("failed").as_int64(), 1);
  EXPECT_EQ(counts.at("waiting").as_int64(), 0);
}

TEST_F(queues, PausedOneHoldsItsJobsUntilItIsResumed) {
  EXPECT_TRUE(ask("POST", "/api/v1/queues/default/pause").at("paused").as_bool());
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201);
  EXPECT_TRUE(ran.empty());
  const auto held = ask("GET", "/api/v1/queues/default");
  EXPECT_TRUE(held.at("paused").as_bool());
  EXPECT_EQ(held.at("counts").at("paused").as_int64(), 1);
  EXPECT_FALSE(ask("POST", "/api/v1/queues/default/resume").at("paused").as_bool());
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
}

TEST_F(queues, MistypedNameMakesNoQueue) {
  EXPECT_EQ(problem("GET", "/api/v1/queues/defualt", "", 404), "not_found");
  EXPECT_EQ(problem("POST", "/api/v1/queues/defualt/pause", "", 404), "not_found");
  EXPECT_EQ(problem("POST", "/api/v1/queues/defualt/resume", "", 404), "not_found");
  EXPECT_EQ(problem("POST", "/api/v1/queues/defualt/retry-failed", "", 404), "not_found");
  EXPECT_EQ(ask("GET", "/api/v1/queues").at("items").as_array().size(), 3u);
}

TEST_F(queues, RetryFailedRetriesAllOfThem) {
  for (int i = 0; i < 3; ++i)
    fail_one();
  const auto reply = ask("POST", "/api/v1/queues/default/retry-failed");
  EXPECT_EQ(reply.at("retried").as_int64(), 3);
  EXPECT_EQ(reply.at("refused").as_int64(), 0);
  EXPECT_FALSE(reply.at("more").as_bool());
  EXPECT_EQ(ask("POST", "/api/v1/queues/fetch/retry-failed").at("retried").as_int64(), 0);
}

TEST_F(queues, HealthNamesWhatIsWrong) {
  auto health = ask("GET", "/api/v1/queues/default/health");
  EXPECT_TRUE(health.at("healthy").as_bool());
  EXPECT_TRUE(health.at("warnings").as_array().empty());
  ask("POST", "/api/v1/queues/default/pause");
  std::string many = "[";
  for (int i = 0; i < 1001; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"kind":"test.step","args":{"name":"x"}})";
  ask("POST", "/api/v1/executions", many + "]", 201);
  health = ask("GET", "/api/v1/queues/default/health");
  EXPECT_FALSE(health.at("healthy").as_bool());
  EXPECT_EQ(text_of(health.at("warnings").as_array().at(0).at("kind")), "waiting");
  EXPECT_EQ(ask("GET", "/api/v1/queues/default").at("warnings").as_array().size(), 1u);
}

TEST_F(queues, HistoryCountsWhatEndedByMinute) {
  fail_one();
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201);
  const auto history = ask("GET", "/api/v1/queues/default/history");
  const auto& minutes = history.at("minutes").as_array();
  ASSERT_EQ(minutes.size(), 1u);
  EXPECT_EQ(minutes[0].at("completed").as_int64(), 1);
  EXPECT_EQ(minutes[0].at("failed").as_int64(), 1);
}

TEST_F(queues, FlushRemovesFailedJobs) {
  for (int i = 0; i < 3; ++i)
    fail_one();
  EXPECT_EQ(ask("POST", "/api/v1/queues/default/flush", R"({"older_than_ms":60000})").at("removed").as_int64(), 0);
  clock.advance(std::chrono::seconds(1));
  const auto flushed = ask("POST", "/api/v1/queues/default/flush");
  EXPECT_EQ(flushed.at("removed").as_int64(), 3);
  EXPECT_FALSE(flushed.at("more").as_bool());
  EXPECT_EQ(ask("GET", "/api/v1/queues/default").at("counts").at("failed").as_int64(), 0);
}

TEST_F(queues, OneJobOfAPausedQueueRunsByHand) {
  ask("POST", "/api/v1/queues/default/pause");
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201);
  ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"y"}})", 201);
  EXPECT_TRUE(ask("POST", "/api/v1/queues/default/work-once", "", 202).at("job_id").is_string());
  settle();
  EXPECT_EQ(ran, std::vector<std::string>{"x"});
}

} // namespace
} // namespace penstock::gateway::testing
