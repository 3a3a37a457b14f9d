// Every list is read page by page.
#include <boost/json/serialize.hpp>

#include "gateway/list_page.hpp"
#include "gateway/route_doc.hpp"
#include "tests/gateway/route_fixture.hpp"

namespace penstock::gateway::testing {
namespace {

class lists : public route_test {
protected:
  /// All of a list, in pages of so many.
  json::array walk(const std::string& path, std::size_t limit) {
    json::array all;
    std::string cursor;
    for (int pages = 0; pages < 50; ++pages) {
      const auto page =
        ask("GET", path + "?limit=" + std::to_string(limit) + (cursor.empty() ? "" : "&cursor=" + cursor));
      const auto& items = page.at("items").as_array();
      EXPECT_LE(items.size(), limit) << path;
      all.insert(all.end(), items.begin(), items.end());
      if (page.at("next_cursor").is_null())
        return all;
      cursor = text_of(page.at("next_cursor"));
    }
    ADD_FAILURE() << path << " does not come to its end";
    return all;
  }
  void expect_pages(const std::string& path, std::size_t count) {
    const auto whole = ask("GET", path).at("items").as_array();
    EXPECT_EQ(whole.size(), count) << path;
    for (const std::size_t limit : {std::size_t{1}, std::size_t{2}, count, std::size_t{200}})
      EXPECT_EQ(walk(path, limit), whole) << path << " by " << limit;
    for (const auto* wrong : {"?limit=0", "?limit=201", "?limits=1"})
      EXPECT_EQ(problem("GET", path + wrong, "", 400), "invalid_argument") << path << wrong;
  }
};

TEST_F(lists, EveryListTakesLimitAndCursor) {
  int found = 0;
  for (const auto docs : {execution_docs(), integration_docs(), schedule_docs(), access_docs()})
    for (const auto& each : docs) {
      if (!each.answer.starts_with("page "))
        continue;
      ++found;
      EXPECT_NE(each.query.find("limit:int"), std::string_view::npos) << each.pattern;
      EXPECT_NE(each.query.find("cursor:text"), std::string_view::npos) << each.pattern;
    }
  EXPECT_GT(found, 10);
}

TEST_F(lists, SchedulesComePageByPage) {
  const auto before = ask("GET", "/api/v1/schedules").at("items").as_array().size();
  for (const std::string name : {"b", "a c", "a", "ab"})
    ask("POST", "/api/v1/schedules", R"({"name":")" + name + R"(","cron":"0 4 * * *","kind":"test.note"})", 201);
  const auto whole = ask("GET", "/api/v1/schedules?limit=200").at("items").as_array();
  ASSERT_EQ(whole.size(), before + 4);
  const auto first = ask("GET", "/api/v1/schedules?limit=2");
  EXPECT_EQ(first.at("items").as_array()[1], whole[1]);
  EXPECT_EQ(text_of(first.at("next_cursor")), text_of(whole[1].at("name")));
}

TEST_F(lists, QueuesComePageByPage) {
  for (const std::string queue : {"one", "two", "three"})
    ask("POST", "/api/v1/executions", R"({"kind":"test.note","queue":")" + queue + R"(","delay_ms":60000})", 201);
  const auto whole = ask("GET", "/api/v1/queues").at("items").as_array();
  expect_pages("/api/v1/queues", whole.size());
  EXPECT_GE(whole.size(), 3u);
}

TEST_F(lists, LinesAndExchangesOfAJobComePageByPage) {
  const auto id = enqueue("test.note").id;
  settle();
  for (int i = 1; i <= 5; ++i) {
    unit_of_work unit;
    unit.logs.push_back({.job = id, .attempt = 1, .at = clock.now(), .message = std::to_string(i)});
    http_exchange exchange;
    exchange.job = id;
    exchange.url = "https://api.example/" + std::to_string(i);
    exchange.at = clock.now();
    unit.exchanges.push_back(std::move(exchange));
    ASSERT_TRUE(commit(std::move(unit)));
  }
  const auto path = "/api/v1/executions/" + to_string(id);
  expect_pages(path + "/logs", 5);
  expect_pages(path + "/exchanges", 5);
  EXPECT_EQ(problem("GET", path + "/logs?cursor=x", "", 400), "invalid_argument");
}

TEST_F(lists, CursorsOfAnIntegrationComePageByPage) {
  const auto id = add_integration();
  for (const std::string stream : {"c", "a", "b"}) {
    unit_of_work unit;
    unit.changes.push_back(reset_cursor{integration_id{std::stoll(id)}, stream, "{}"});
    ASSERT_TRUE(commit(std::move(unit)));
  }
  expect_pages("/api/v1/integrations/" + id + "/cursors", 3);
}

TEST(list_page, GoesOnBehindANameThatIsGoneMeanwhile) {
  const auto name_of = [](const std::string& each) -> auto& { return each; };
  const auto page = page_by_name(std::vector<std::string>{"c", "a", "d"}, {.cursor = "b", .limit = 1}, name_of);
  EXPECT_EQ(page.items, std::vector<std::string>{"c"});
  EXPECT_EQ(page.next_cursor, "c");
  EXPECT_TRUE(page_by_name(std::vector<std::string>{"a"}, {.cursor = "z"}, name_of).items.empty());
}

TEST(list_page, EndsBehindTheLastPlace) {
  const auto page = page_by_place(std::vector<int>{1, 2, 3}, {.cursor = "2", .limit = 2});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->items, std::vector<int>{3});
  EXPECT_EQ(page->next_cursor, "");
  EXPECT_TRUE(page_by_place(std::vector<int>{1}, {.cursor = "99"})->items.empty());
  EXPECT_FALSE(page_by_place(std::vector<int>{1}, {.cursor = "-1"}));
}

} // namespace
} // namespace penstock::gateway::testing
