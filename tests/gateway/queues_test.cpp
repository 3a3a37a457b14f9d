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

} // namespace
} // namespace penstock::gateway::testing
