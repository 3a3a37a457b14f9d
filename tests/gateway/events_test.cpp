#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class events : public route_test {
protected:
  /// Two events for each round: queue.paused, queue.resumed.
  void pause_and_resume(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      ask("POST", "/api/v1/queues/default/pause");
      ask("POST", "/api/v1/queues/default/resume");
    }
  }
  std::vector<std::string> types(const std::string& query) {
    std::vector<std::string> found;
    const auto list = ask("GET", "/api/v1/events" + query);
    for (const auto& each : list.at("items").as_array())
      found.push_back(text_of(each.at("type")));
    return found;
  }
};

TEST_F(events, ListIsNewestFirstUnlessTold) {
  pause_and_resume(1);
  EXPECT_EQ(types(""), (std::vector<std::string>{"queue.resumed", "queue.paused"}));
  EXPECT_EQ(types("?order=oldest"), (std::vector<std::string>{"queue.paused", "queue.resumed"}));
}

TEST_F(events, EachIsACloudEvent) {
  pause_and_resume(1);
  const auto list = ask("GET", "/api/v1/events?limit=1");
  const auto& first = list.at("items").as_array()[0];
  EXPECT_EQ(text_of(first.at("specversion")), "1.0");
  EXPECT_EQ(text_of(first.at("position")), "2");
  EXPECT_EQ(text_of(first.at("time")), "2026-06-01T12:00:00Z");
  EXPECT_FALSE(text_of(first.at("id")).empty());
  EXPECT_FALSE(text_of(first.at("source")).empty());
}

TEST_F(events, FiltersNarrowTheList) {
  pause_and_resume(2);
  add_integration();
  EXPECT_EQ(types("?type=queue.paused").size(), 2u);
  EXPECT_EQ(types("?type=queue.*").size(), 4u);
  EXPECT_TRUE(types("?type=integration.*").empty()) << "it is connected when somebody has consented";
  EXPECT_EQ(types("?subject=queues/default").size(), 4u);
  EXPECT_TRUE(types("?source=elsewhere").empty());
  EXPECT_TRUE(types("?since=2026-06-01T12:00:01Z").empty());
  EXPECT_EQ(types("?since=2026-06-01T12:00:00Z").size(), 4u);
}

TEST_F(events, PagesTakeEachOnce) {
  pause_and_resume(5);
  for (const std::string order : {"newest", "oldest"}) {
    std::vector<std::string> positions;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
      const auto page =
        ask("GET", "/api/v1/events?limit=3&order=" + order + (cursor.empty() ? "" : "&cursor=" + cursor));
      for (const auto& each : page.at("items").as_array())
        positions.push_back(text_of(each.at("position")));
      if (page.at("next_cursor").is_null())
        break;
      cursor = text_of(page.at("next_cursor"));
    }
    if (order == "newest")
      std::reverse(positions.begin(), positions.end());
    EXPECT_EQ(positions, (std::vector<std::string>{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"})) << order;
  }
}

TEST_F(events, OneCallerReadsNoMoreThanSoManyStreams) {
  const std::string path = "/api/v1/events/stream";
  std::vector<net::http_reply> open;
  for (std::size_t i = 0; i < stream_places::most_each; ++i) {
    open.push_back(send("GET", path));
    ASSERT_EQ(open.back().status, 200) << open.back().body;
  }
  const auto refused = send("GET", path);
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_FALSE(refused.headers.value_or("Retry-After", "").empty());
  EXPECT_NE(refused.body.find("32 event streams"), std::string::npos) << refused.body;

  const auto other = text_of(ask("POST", "/api/v1/tokens", R"({"name":"t","role":"viewer"})", 201).at("token"));
  net::http_server_request request;
  request.method = "GET";
  request.target = path;
  request.headers.add("Authorization", "Bearer " + other);
  EXPECT_EQ(send(request).status, 200) << "somebody else's are counted by themselves";
  open.pop_back();
  EXPECT_EQ(send("GET", path).status, 200) << "one that ended makes room";
}

TEST_F(events, AllCallersTogetherLeaveRoomForOthers) {
  desk->streams = stream_places(2);
  const auto first = send("GET", "/api/v1/events/stream"), second = send("GET", "/api/v1/events/stream");
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(problem("GET", "/api/v1/events/stream", "", 429), "rate_limited");
}

TEST_F(events, MistakesAreTold) {
  for (const auto* query : {"?order=random", "?cursor=x", "?since=now", "?types=a", "?limit=500"})
    EXPECT_EQ(problem("GET", std::string("/api/v1/events") + query, "", 400), "invalid_argument") << query;
}

} // namespace
} // namespace penstock::gateway::testing
