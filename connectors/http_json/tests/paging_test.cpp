// How runs go from page to page, and what of it is an error.
#include "connectors/http_json/tests/sync_fixture.hpp"

namespace penstock::connectors::http_json {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class http_json_paging : public http_json_sync {};

TEST_F(http_json_paging, PagesThatDoNotGoOnAreAnError) {
  for (const std::string style : {"page", "offset", "overlap", "cursor", "link", "next", "last_id"}) {
    SCOPED_TRACE(style);
    const bool overlaps = style == "overlap";
    const std::string paging = overlaps ? "offset" : style;
    shop.paging = paging;
    shop.items.clear();
    for (int i = 0; i < 5; ++i)
      add("itm_" + std::to_string(i), today - hours(5));
    open({{"offset_overlap", overlaps}});
    // The same two pages over and over, whatever is asked for.
    std::size_t count = 0;
    instead = [&](const net::http_request& request) -> result<net::http_response> {
      auto other = request;
      const std::string name = paging == "page" || paging == "offset" || paging == "cursor" ? paging : "after";
      const auto place = count++ % 2;
      other.url = "https://shop.example/v1/items?limit=2&" + name + "=" +
                  std::to_string(paging == "page" ? place + 1 : place * 2);
      return shop.answer(other);
    };
    const auto report = run();
    EXPECT_EQ(report.jobs_failed, 1U);
    ASSERT_FALSE(report.failures.empty());
    EXPECT_THAT(report.failures.back().problem.message, HasSubstr("does not go on: it is one that came before"));
    // Where pages are counted, a list that grows meanwhile may show one twice: the next attempt may meet another.
    const bool counted = paging == "page" || paging == "offset";
    EXPECT_EQ(report.failures.front().problem.cls(), counted ? error_class::retryable : error_class::final);
    // Where pages overlap an offset goes back first, in search of what may have moved.
    EXPECT_LE(count, overlaps ? 60U : counted ? 10U : 5U);
    instead = {};
  }
}

TEST_F(http_json_paging, ItemsThatLeaveTheListWhileItIsReadHideNoOthersFromAnOffset) {
  // After the request of this number so many of the first items go; of none is more than what the steps back make up for.
  for (const auto& [after, gone] :
       std::vector<std::pair<std::size_t, std::size_t>>{{1, 1}, {2, 1}, {3, 2}, {3, 5}, {4, 8}, {2, 3}, {7, 1}}) {
    SCOPED_TRACE(std::to_string(gone) + " after request " + std::to_string(after));
    shop.paging = "offset";
    shop.items.clear();
    for (int i = 10; i < 30; ++i)
      add("itm_" + std::to_string(i), today - hours(5));
    open({{"offset_overlap", true}}, 3);
    std::size_t count = 0;
    instead = [&, after = after, gone = gone](const net::http_request& request) -> result<net::http_response> {
      const auto reply = shop.answer(request);
      if (++count == after)
        shop.items.erase(shop.items.begin(), shop.items.begin() + static_cast<std::ptrdiff_t>(gone));
      return reply;
    };
    EXPECT_TRUE(run().clean());
    for (const auto& each : shop.items)
      EXPECT_THAT(stored("source_id"), ::testing::Contains(each.id));
    EXPECT_LE(count, 16U);
  }
}

TEST_F(http_json_paging, ItemThatAPageEndedWithMayLeaveTheListItself) {
  shop.paging = "offset";
  for (int i = 10; i < 30; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({{"offset_overlap", true}}, 3);
  std::size_t count = 0;
  instead = [&](const net::http_request& request) -> result<net::http_response> {
    const auto reply = shop.answer(request);
    if (++count == 4) // it ended with itm_18
      std::erase_if(shop.items, [](const small_item& each) { return each.id == "itm_18" || each.id == "itm_10"; });
    return reply;
  };
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(stored("source_id").size(), 20U);
  EXPECT_LE(count, 20U);
}

TEST_F(http_json_paging, OffsetsGrowByTheItemsThatCame) {
  shop.paging = "offset";
  for (int i = 0; i < 6; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({}, 3);
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("offset"), ElementsAre("0", "3", "6")) << "some APIs take multiples of the limit alone";
  EXPECT_EQ(stored("source_id").size(), 6U);
}

TEST_F(http_json_paging, OffsetThatDoesNotOverlapNeverGoesBack) {
  shop.paging = "offset";
  for (int i = 0; i < 9; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({}, 3);
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    const auto reply = shop.answer(request);
    if (shop.items.size() == 9)
      shop.items.erase(shop.items.begin());
    return reply;
  };
  const auto report = run();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, IsEmpty());
  EXPECT_THAT(values("offset"), ElementsAre("0", "3", "6", "8"));
}

TEST_F(http_json_paging, PagesOfAnOffsetOverlapByAnItemWhereThatIsWantedAndEndWhereNothingFollowsIt) {
  shop.paging = "offset";
  for (int i = 0; i < 5; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({{"offset_overlap", true}}, 3);
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("offset"), ElementsAre("0", "2", "4"));
  EXPECT_EQ(stored("source_id").size(), 5U);
  EXPECT_THAT(cursor(), HasSubstr("updated"));
}

TEST_F(http_json_paging, ItemInWhichTwoPagesOverlapIsHandedOnOnce) {
  shop.paging = "offset";
  open({{"offset_overlap", true}}, 3);
  // The last item of the first page is wrong, then the last of the second is right.
  instead = [](const net::http_request& request) -> result<net::http_response> {
    const auto url = net::parse_url(request.url);
    const auto parameters = net::parse_query(url->query);
    const std::string offset{net::find_parameter(parameters, "offset").value()};
    return testing::answer(200, R"({"data":{"items":[)" +
                                  std::string(offset == "0"   ? R"({"id":"a"},{"id":"b"},{"id":"c","changed":"soon"})"
                                              : offset == "2" ? R"({"id":"c","changed":"soon"},{"id":"d"},{"id":"e"})"
                                              : offset == "4" ? R"({"id":"e"},{"id":"f","changed":"soon"})"
                                                              : R"({"id":"f","changed":"soon"})") +
                                  "]}}");
  };
  const auto report = run();
  EXPECT_EQ(report.jobs_failed, 0U);
  EXPECT_THAT(values("offset"), ElementsAre("0", "2", "4", "5"));
  ASSERT_EQ(report.row_errors.size(), 2U);
  EXPECT_THAT(report.row_errors[0].message, HasSubstr("item 3: "));
  EXPECT_THAT(report.row_errors[1].message, HasSubstr("item 2: "));
  EXPECT_EQ(report.rows.errors, 2U);
  EXPECT_EQ(report.rows.added + report.rows.updated + report.rows.unchanged, 4U);
  EXPECT_THAT(stored("source_id"), ElementsAre("a", "b", "d", "e"));
}

TEST_F(http_json_paging, FullPageOfWhichAllButTheOverlapIsWrongFailsTheRun) {
  shop.paging = "offset";
  open({{"offset_overlap", true}}, 3);
  instead = [](const net::http_request& request) -> result<net::http_response> {
    return testing::answer(
      200, request.url.ends_with("offset=0")   ? R"({"data":{"items":[{"id":"a"},{"id":"b"},{"id":"c"}]}})"
           : request.url.ends_with("offset=2") ? R"({"data":{"items":[{"id":"c"},{"title":"d"},{"title":"e"}]}})"
                                               : R"({"data":{"items":[]}})");
  };
  EXPECT_THAT(failure_of(run()), HasSubstr("all 2 items of a page were refused: item 2: the id is missing"));
}

TEST_F(http_json_paging, CursorStaysWhereTheItemThatWasSoughtIsNotFoundAgain) {
  shop.paging = "offset";
  for (int i = 10; i < 70; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({{"offset_overlap", true}}, 3);
  std::size_t count = 0;
  instead = [&](const net::http_request& request) -> result<net::http_response> {
    const auto reply = shop.answer(request);
    if (++count == 15) // more than the steps back make up for
      shop.items.erase(shop.items.begin(), shop.items.begin() + 30);
    return reply;
  };
  const auto report = run();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, ElementsAre(HasSubstr("items may be missing until the next sync")));
  EXPECT_THAT(cursor(), Not(HasSubstr("updated")));
  instead = {};
  EXPECT_THAT(run().log, IsEmpty());
  EXPECT_THAT(values("since").front(), "") << "the next sync begins where this one did";
  for (const auto& each : shop.items)
    EXPECT_THAT(stored("source_id"), ::testing::Contains(each.id));
  EXPECT_THAT(cursor(), HasSubstr("updated"));
}

TEST_F(http_json_paging, ListWithoutAnyOrderIsReadToItsEndAllTheSame) {
  shop.paging = "offset";
  for (int i = 0; i < 300; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({{"offset_overlap", true}}, 5);
  std::uint64_t draw = 1;
  std::size_t count = 0;
  instead = [&](const net::http_request& request) -> result<net::http_response> {
    ++count;
    for (auto at = shop.items.size() - 1; at > 0; --at)
      std::swap(shop.items[at], shop.items[(draw = draw * 6364136223846793005U + 1442695040888963407U) % (at + 1)]);
    return shop.answer(request);
  };
  const auto report = run();
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.log, ElementsAre(HasSubstr("the list moves too much while it is read"))) << "once a run";
  EXPECT_THAT(cursor(), Not(HasSubstr("updated")));
  EXPECT_LE(count, 400U);
}

TEST_F(http_json_paging, ApiThatTakesNoNoticeOfTheOffsetIsAnError) {
  shop.paging = "offset";
  for (int i = 0; i < 3; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  for (const bool overlaps : {false, true}) {
    open({{"page_parameter", std::string("skip")}, {"offset_overlap", overlaps}}, 3);
    const auto report = run();
    EXPECT_EQ(report.jobs_failed, 1U);
    EXPECT_THAT(report.failures.back().problem.message, HasSubstr("does not go on"));
  }
}

TEST_F(http_json_paging, ListWithoutEndIsGivenUp) {
  shop.paging = "offset";
  open({{"most_pages", std::int64_t{7}}});
  std::size_t count = 0;
  instead = [&count](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"({"data":{"items":[{"id":)" + std::to_string(++count) + "}]}}");
  };
  EXPECT_THAT(failure_of(run()), HasSubstr("page 7 is not the last"));
  EXPECT_EQ(count, 7U);
}

TEST_F(http_json_paging, NobodyGoesToAnotherHostForTheNextPage) {
  for (const std::string address : {"https://evil.example/v1/items?after=2", "http://shop.example/v1/items?after=2",
                                    "https://shop.example:8443/v1/items", "//evil.example/", "ftp://shop.example/"}) {
    SCOPED_TRACE(address);
    shop.paging = "next";
    open();
    instead = [&](const net::http_request&) -> result<net::http_response> {
      return testing::answer(200, R"({"data":{"items":[{"id":1}]},"meta":{"next":")" + address + R"("}})");
    };
    const auto report = run();
    EXPECT_THAT(failure_of(report), HasSubstr("the next page"));
    EXPECT_THAT(failure_of(report), Not(HasSubstr("evil")));
    EXPECT_EQ(asked.size(), 1U);
  }
}

TEST_F(http_json_paging, RelativeAddressOfTheNextPageIsFoundBesideTheFormer) {
  shop.paging = "link";
  add("itm_1", today - hours(5));
  add("itm_2", today - hours(5));
  add("itm_3", today - hours(5));
  open();
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    auto reply = shop.answer(request);
    if (reply.headers.contains("Link"))
      reply.headers.set("Link", R"(<?limit=2>; rel=first, <?limit=2&after=2>; title="a, b"; rel="prefetch Next")");
    return reply;
  };
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored("source_id"), ElementsAre("itm_1", "itm_2", "itm_3"));
}

TEST_F(http_json_paging, AFullPageThatLeadsNowhereIsNotPassedOverInSilence) {
  shop.paging = "none";
  add("itm_1", today - hours(5));
  open();
  EXPECT_THAT(run().log, IsEmpty());
  add("itm_2", today - hours(4));
  EXPECT_THAT(run().log, ElementsAre(HasSubstr("look at paging of connectors.http_json.shop")));
}

TEST_F(http_json_paging, NextPageBeginsBehindTheLastIdAsLongAsTheBodySaysThatMoreFollow) {
  shop.paging = "last_id";
  for (int i = 0; i < 4; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open();
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("starting_after"), ElementsAre("", "itm_1"));
  EXPECT_THAT(stored("source_id"), ElementsAre("itm_0", "itm_1", "itm_2", "itm_3"));
  open({{"more_field", std::string()}, {"page_parameter", std::string("starting_after")}});
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("starting_after"), ElementsAre("", "itm_1", "itm_3")) << "an empty page is the last";
}

TEST_F(http_json_paging, ShortPageEndsAListByItsLastIdWhateverItsLastItemIs) {
  shop.paging = "last_id";
  open({{"more_field", std::string()}, {"short_page_ends", true}});
  instead = [](const net::http_request& request) -> result<net::http_response> {
    return testing::answer(200, request.url.find("starting_after=b") == std::string::npos
                                  ? R"({"data":{"items":[{"id":"a"},{"id":"b"}]}})"
                                  : R"({"data":{"items":[{"title":"no id"}]}})");
  };
  const auto report = run();
  EXPECT_EQ(report.jobs_failed, 0U);
  EXPECT_EQ(report.row_errors.size(), 1U);
  EXPECT_THAT(stored("source_id"), ElementsAre("a", "b"));
}

TEST_F(http_json_paging, ItemsThatLeaveTheListMeanwhileHideNoOthersFromTheLastId) {
  shop.paging = "last_id";
  for (int i = 0; i < 6; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open();
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    auto reply = shop.answer(request);
    if (shop.items.front().id == "itm_0")
      shop.items.erase(shop.items.begin());
    return reply;
  };
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored("source_id"), ElementsAre("itm_0", "itm_1", "itm_2", "itm_3", "itm_4", "itm_5"));
}

} // namespace
} // namespace penstock::connectors::http_json
