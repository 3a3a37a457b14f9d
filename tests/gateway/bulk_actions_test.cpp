#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class bulk_actions : public route_test {
protected:
  void enqueue(const std::string& body, int times = 1) {
    for (int i = 0; i < times; ++i)
      ask("POST", "/api/v1/executions", body, 201);
  }
  std::int64_t count(const std::string& state) {
    return ask("GET", "/api/v1/queues/default").at("counts").at(state).as_int64();
  }
  boost::json::value bulk(const std::string& body) { return ask("POST", "/api/v1/executions/bulk", body); }
};

const std::string failing = R"({"kind":"test.error","args":{"code":"not_found","times":1000}})";
const std::string later = R"({"kind":"test.step","args":{"name":"x"},"delay_ms":60000})";

TEST_F(bulk_actions, PreviewCountsAndDoesNothing) {
  enqueue(failing, 3);
  const auto seen = bulk(R"({"action":"retry","filter":{"kind":"test.error"},"preview":true})");
  EXPECT_EQ(seen.at("matched").as_int64(), 3);
  EXPECT_EQ(seen.at("done").as_int64(), 0);
  EXPECT_EQ(count("failed"), 3);
}

TEST_F(bulk_actions, FailedJobsThatTheFilterFitsAreRetried) {
  enqueue(failing, 2);
  ask("POST", "/api/v1/queues/default/pause");
  EXPECT_EQ(bulk(R"({"action":"retry","filter":{"kind":"test.step"}})").at("matched").as_int64(), 0);
  EXPECT_EQ(bulk(R"({"action":"retry","filter":{"kind":"test.error"}})").at("done").as_int64(), 2);
  EXPECT_EQ(count("failed"), 0);
  EXPECT_EQ(count("waiting"), 2);
}

TEST_F(bulk_actions, JobsThatHaveNotEndedAreCancelled) {
  enqueue(later, 250);
  enqueue(failing);
  const auto done = bulk(R"({"action":"cancel","filter":{}})");
  EXPECT_EQ(done.at("matched").as_int64(), 250);
  EXPECT_EQ(done.at("done").as_int64(), 250);
  EXPECT_FALSE(done.at("more").as_bool());
  EXPECT_EQ(count("delayed"), 0);
  EXPECT_EQ(count("cancelled"), 250);
  EXPECT_EQ(count("failed"), 1);
}

TEST_F(bulk_actions, WhatIsWrongIsSaid) {
  for (const auto* wrong :
       {R"({"action":"remove","filter":{}})", R"({"action":"retry"})",
        R"({"action":"retry","filter":{"colour":"red"}})", R"({"action":"retry","filter":{"state":"odd"}})",
        R"({"action":"retry","filter":{},"previw":true})"})
    EXPECT_EQ(problem("POST", "/api/v1/executions/bulk", wrong, 400), "invalid_argument") << wrong;
}

TEST_F(bulk_actions, LogsOfAJobAreShown) {
  const auto id =
    text_of(ask("POST", "/api/v1/executions", R"({"kind":"test.step","args":{"name":"x"}})", 201).at("id"));
  EXPECT_TRUE(ask("GET", "/api/v1/executions/" + id + "/logs").at("items").as_array().empty());
  EXPECT_EQ(problem("GET", "/api/v1/executions/1/logs", "", 404), "not_found");
}

TEST_F(bulk_actions, WaitingAndDelayedAreWhatTheListsShow) {
  ask("POST", "/api/v1/queues/default/pause");
  enqueue(R"({"kind":"test.note"})", 2);
  enqueue(R"({"kind":"test.note","delay_ms":36000000})", 3);
  const auto matched = [&](const std::string& state) {
    return bulk(R"({"action":"cancel","filter":{"state":")" + state + R"("},"preview":true})").at("matched").as_int64();
  };
  EXPECT_EQ(matched("waiting"), 2);
  EXPECT_EQ(matched("delayed"), 3);
  EXPECT_EQ(bulk(R"({"action":"cancel","filter":{"state":"waiting"}})").at("done").as_int64(), 2);
  EXPECT_EQ(matched("delayed"), 3) << "what is to come later stays";
  EXPECT_EQ(ask("GET", "/api/v1/executions?state=delayed").at("items").as_array().size(), 3u);
}

} // namespace
} // namespace penstock::gateway::testing
