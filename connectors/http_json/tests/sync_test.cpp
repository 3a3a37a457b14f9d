// What whole runs ask for, store and remember.
#include "connectors/http_json/tests/sync_fixture.hpp"

namespace penstock::connectors::http_json {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using texts = std::vector<std::string>;

TEST_F(http_json_sync, FieldsBecomeColumnsAndTheTextOfAnItemIsKept) {
  add("itm_1", today - hours(2), 1234);
  open();
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored("title"), ElementsAre("A thing"));
  EXPECT_THAT(stored("price"), ElementsAre("1234"));
  EXPECT_THAT(stored("changed_at"), ElementsAre("2026-02-28T22:00:00.000000Z"));
  EXPECT_THAT(stored("raw"),
              ElementsAre(AllOf(HasSubstr(R"({ "id":"itm_1", "title")"), HasSubstr(R"("unknown":[1,2.50]})"))));
}

TEST_F(http_json_sync, LaterSyncsAskSinceTheNewestChangeAndSomeTimeBefore) {
  add("itm_1", today - hours(5));
  add("itm_2", today - hours(2));
  add("itm_3", today - hours(3));
  open({{"overlap", duration(minutes(10))}});
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("since"), ElementsAre("", "", ""));
  EXPECT_THAT(cursor(), HasSubstr(R"({"updated":"2026-02-28T22:00:00Z",)"));
  add("itm_4", today - hours(2) - minutes(9));
  EXPECT_EQ(run().rows.added, 1);
  EXPECT_THAT(values("since"), ElementsAre("2026-02-28T21:50:00Z", "2026-02-28T21:50:00Z"));
  EXPECT_THAT(values("page"), ElementsAre("1", "2"));
}

TEST_F(http_json_sync, WhatChangesWhileALongRunReadsIsSeenByTheNext) {
  for (int i = 0; i < 4; ++i)
    add("itm_" + std::to_string(i), today - hours(50));
  open({{"overlap", duration(minutes(5))}});
  // Between the pages two hours pass: an item of the page that was read changes, and then one that is still to come.
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    const auto reply = shop.answer(request);
    if (request.url.ends_with("page=1")) {
      shop.items[0].updated = today + hours(1);
      shop.items[0].price = 999;
      shop.items[3].updated = today + hours(2);
      driver->clock.set(today + hours(2));
    }
    return reply;
  };
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(cursor(), HasSubstr(R"({"updated":"2026-03-01T00:00:00Z",)"));
  instead = {};
  EXPECT_EQ(run().rows.updated, 1);
  EXPECT_THAT(stored("price"), ElementsAre("999", "100", "100", "100"));
}

TEST_F(http_json_sync, ItemDatedInTheFutureHidesNothingThatComesBeforeThen) {
  shop.paging = "cursor";
  for (const bool ordered : {false, true}) {
    shop.items.clear();
    add("itm_1", today - hours(5));
    add("itm_2", today + hours(24 * 365 * 70));
    open({{"oldest_first", ordered}});
    EXPECT_TRUE(run().clean());
    EXPECT_THAT(cursor(), HasSubstr(R"({"updated":"2026-03-01T00:00:00Z",)"));
    add("itm_3", today + minutes(1));
    EXPECT_EQ(run().rows.added, 1);
  }
}

TEST_F(http_json_sync, AnotherListIsReadFromItsBeginning) {
  add("itm_1", today - hours(500));
  add("itm_2", today - hours(2));
  const table_values as_it_was{{"query", texts{"of={team}"}}};
  const auto stored_by_former = [&] {
    open(as_it_was);
    driver->account.config = R"({"team":"north"})";
    EXPECT_TRUE(run().clean());
    return cursor();
  };
  const std::vector<std::pair<table_values, bool>> table{
    {{}, false},
    {{{"title", std::string("Shop")}, {"page_size", std::int64_t{3}}, {"overlap", duration(minutes(1))}}, false},
    {{{"fields", texts{"title"}}}, false},
    {{{"table", std::string("others")}}, true},
    {{{"base_url", std::string("https://shop.example")}, {"list_path", std::string("v1/items")}}, true},
    {{{"query", texts{"of={team}", "status=all"}}}, true},
    {{{"headers", texts{"X-Shop: south"}}}, true},
    {{{"updated_field", std::string("/changed")}}, false},
    {{{"deleted_field", std::string()}, {"id_field", std::string("title")}}, true},
  };
  for (const auto& [change, anew] : table) {
    SCOPED_TRACE(change.empty() ? "nothing" : change.begin()->first);
    const auto former = stored_by_former();
    auto changed = as_it_was;
    for (const auto& [key, value] : change)
      changed[key] = value;
    open(changed);
    driver->account.config = R"({"team":"north"})";
    driver->cursors["items"].cursor = former;
    EXPECT_TRUE(run().clean());
    EXPECT_EQ(values("since").front(), anew                         ? ""
                                       : change.contains("overlap") ? "2026-02-28T21:59:00Z"
                                                                    : "2026-02-28T21:55:00Z");
    EXPECT_TRUE(run().clean());
    EXPECT_NE(values("since").front(), "") << "from then on its own cursor counts";
  }
  stored_by_former();
  driver->account.config = R"({"team":"south"})";
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(values("since").front(), "");
}

TEST_F(http_json_sync, MomentThatAPersonNamedCountsForWhicheverListIsReadNext) {
  add("itm_1", today - hours(2));
  open();
  driver->cursors["items"].cursor = R"({"updated":"2026-02-28T00:05:00Z"})";
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(values("since").front(), "2026-02-28T00:00:00Z");
  EXPECT_THAT(cursor(), HasSubstr(R"("of":)"));
}

TEST_F(http_json_sync, RunWhoseListIsChangedMeanwhileEndsAndTheNextReadsAll) {
  for (int i = 0; i < 5; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open({{"query", texts{"of={team}"}}});
  driver->account.config = R"({"team":"north"})";
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    driver->account.config = R"({"team":"south"})";
    return shop.answer(request);
  };
  EXPECT_THAT(failure_of(run()), HasSubstr("another list is described since this run began"));
  EXPECT_EQ(asked.size(), 1U);
  instead = {};
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(values("of"), ElementsAre("south", "south", "south", "south"));
  EXPECT_EQ(values("since").front(), "");
}

TEST_F(http_json_sync, RunThatBreaksOffIsGoneOnWithOnlyWhereItemsComeInOrder) {
  for (const bool ordered : {false, true}) {
    shop.items.clear();
    for (int i = 0; i < 4; ++i)
      add("itm_" + std::to_string(i), today - hours(50) + hours(i));
    shop.paging = "cursor";
    open({{"oldest_first", ordered}});
    instead = [this](const net::http_request& request) -> result<net::http_response> {
      return request.url.ends_with("cursor=2") ? testing::answer(403, "{}") : shop.answer(request);
    };
    EXPECT_EQ(run().jobs_failed, 1U);
    instead = {};
    EXPECT_TRUE(run().clean());
    EXPECT_EQ(values("since").front(), ordered ? "2026-02-26T22:55:00Z" : "");
  }
}

TEST_F(http_json_sync, DeletedItemsStayAndAreMarkedUntilTheyComeBack) {
  add("itm_1", today - hours(5));
  open();
  run();
  shop.items[0].deleted = true;
  shop.items[0].updated = today - hours(4);
  EXPECT_EQ(run().rows.deleted, 1);
  EXPECT_THAT(stored("deleted_at IS NULL"), ElementsAre("0"));
  EXPECT_FALSE(run().rows.changed());
  shop.items[0].deleted = false;
  shop.items[0].updated = today - hours(3);
  run();
  EXPECT_THAT(stored("deleted_at IS NULL"), ElementsAre("1"));
}

TEST_F(http_json_sync, ItemIsGoneByTrueByOneOrByTheTimeAtWhichItWent) {
  open({{"paging", std::string("none")}, {"list", std::string()}});
  instead = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"([{"id":"a","gone":false},{"id":"b","gone":null},{"id":"c"},{"id":"d","gone":""},
      {"id":"e","gone":0},{"id":"f","gone":true},{"id":"g","gone":1},{"id":"h","gone":"2026-01-01"},
      {"id":"i","gone":"2026-01-01T10:00:00+01:00"}])");
  };
  EXPECT_TRUE(run().clean());
  EXPECT_THAT(stored("deleted_at IS NULL"), ElementsAre("1", "1", "1", "1", "1", "0", "0", "0", "0"));
}

TEST_F(http_json_sync, WhatMayOrMayNotSayThatAnItemIsGoneIsToldAndNotGuessedAt) {
  open({{"paging", std::string("none")}, {"list", std::string()}});
  for (const std::string value : {R"("false")", R"("true")", R"("no")", R"("0")", R"("1")", R"("active")",
                                  R"("archived")", "2", "-1", "0.5", "1767225600", "[]", R"({"at":null})"}) {
    instead = [&value](const net::http_request&) -> result<net::http_response> {
      return testing::answer(200, R"([{"id":"a"},{"id":"b","gone":)" + value + "}]");
    };
    const auto report = run();
    ASSERT_EQ(report.row_errors.size(), 1U) << value;
    EXPECT_THAT(report.row_errors.front().message,
                HasSubstr("deleted_field (/gone) is neither true or false, 1 or 0, nor a time"));
    EXPECT_THAT(stored("source_id"), ElementsAre("a"));
  }
}

TEST_F(http_json_sync, ApiThatCountsSecondsSaysSoWhenAnItemWent) {
  open({{"paging", std::string("none")},
        {"list", std::string()},
        {"time_format", std::string("seconds")},
        {"fields", texts{}}});
  instead = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"([{"id":"a","gone":0},{"id":"b","gone":1},{"id":"c","gone":1767225600.5},
      {"id":"d","gone":null},{"id":"e","gone":"2026-01-01"},{"id":"f","gone":-5}])");
  };
  const auto report = run();
  EXPECT_EQ(report.row_errors.size(), 1U);
  EXPECT_THAT(stored("source_id"), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(stored("deleted_at IS NULL"), ElementsAre("1", "0", "0", "1", "0"));
}

TEST_F(http_json_sync, TokenThatABodyRepeatsIsTakenOutHoweverItIsEncoded) {
  shop.auth = "query";
  shop.paging = "none";
  open({{"token", std::string("a+b/c=")}, {"list", std::string()}});
  instead = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200,
                           R"([{"id":"a","raw":"/x?api_key=a%2bb%2fc%3d&y=1"},{"id":"b","raw":"/x?api_key=a+b\/c=&y=1"},
      {"id":"c","raw":"/x?y=1\u0026api_key=a\u002bb/c%3D\u0026z=1"},{"id":"d","raw":"/x?api_key\u003da%2Bb%2Fc%3D#z"},
      {"id":"e","raw":"my api_key=a+b/c="},{"id":"f","raw":"an api_key=banana"},{"id":"g","raw":"/x?y=1&amp;api_key=a b"}])");
  };
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(provider.requests().size(), 1U);
  EXPECT_THAT(stored("raw"),
              ElementsAre(R"({"id":"a","raw":"/x?api_key=***&y=1"})", R"({"id":"b","raw":"/x?api_key=***&y=1"})",
                          R"({"id":"c","raw":"/x?y=1\u0026api_key=***\u0026z=1"})",
                          R"({"id":"d","raw":"/x?api_key\u003d***#z"})", R"({"id":"e","raw":"my api_key=***"})",
                          R"({"id":"f","raw":"an api_key=banana"})", R"({"id":"g","raw":"/x?y=1&amp;api_key=*** b"})"));
}

TEST_F(http_json_sync, OlderVersionNeverReplacesANewerOne) {
  add("itm_1", today - hours(2), 200);
  shop.ignores_since = true;
  open();
  run();
  shop.items[0] = {"itm_1", today - hours(3), 100};
  EXPECT_FALSE(run().rows.changed());
  EXPECT_THAT(stored("price"), ElementsAre("200"));
}

TEST_F(http_json_sync, ItemsThatCannotBeReadAreToldAndTheOthersKept) {
  open({{"since_parameter", std::string()}, {"paging", std::string("none")}, {"list", std::string("data.items")}});
  instead = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"({"data":{"items":[{"id":7,"title":"seven"}, {"title":"no id"}, 5, {"id":{}},
      {"id":"a","pricing":{"amount":"12"}}, {"id":"b","changed":"soon"}, {"id":"c","pricing":null,"title":null}]}})");
  };
  const auto report = run();
  std::vector<std::string> told;
  for (const auto& wrong : report.row_errors)
    told.push_back(wrong.source_id + ": " + wrong.message);
  EXPECT_THAT(told, ElementsAre(": item 2: the id is missing (/id)", ": item 3: not an object",
                                ": item 4: the id is neither a text nor a whole number (/id)",
                                "a: item 5: 'price' (/pricing/amount) is not a whole number",
                                "b: item 6: 'changed_at' (/changed) is not a time: RFC 3339 is expected"));
  EXPECT_THAT(stored("source_id"), ElementsAre("7", "c"));
  EXPECT_THAT(stored("title"), ElementsAre("seven", "NULL"));
}

TEST_F(http_json_sync, PageOfWhichNothingCanBeReadFailsTheRunForGoodAndLeavesWhatWasStored) {
  for (int i = 0; i < 6; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  open();
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    if (!request.url.ends_with("page=2"))
      return shop.answer(request);
    return testing::answer(200, R"({"data":{"items":[{"id":"x","changed":"soon"},{"title":"no id"}]}})");
  };
  const auto report = run();
  EXPECT_THAT(failure_of(report),
              AllOf(HasSubstr("shop's items: all 2 items of a page were refused: item 1: "),
                    HasSubstr("; item 2: the id is missing"), HasSubstr("'changed_at' (/changed) is not a time"),
                    HasSubstr("compare connectors.http_json.shop")));
  EXPECT_EQ(report.failures.front().problem.cls(), error_class::final);
  EXPECT_THAT(stored("source_id"), ElementsAre("itm_0", "itm_1"));
  EXPECT_THAT(cursor(), Not(HasSubstr("updated"))) << "the next run reads the list again";
}

TEST_F(http_json_sync, OnlyItemOfAListFailsTheRunUnlessTheListWasReadBefore) {
  const auto wrong_item = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"({"data":{"items":[{"id":"itm_9","changed":"soon"}]}})");
  };
  shop.paging = "cursor";
  open();
  instead = wrong_item;
  EXPECT_THAT(failure_of(run()), HasSubstr("the only item of a page was refused: item 1: 'changed_at'"));
  instead = {};
  add("itm_1", today - hours(5));
  EXPECT_TRUE(run().clean());
  instead = wrong_item;
  auto report = run();
  EXPECT_EQ(report.row_errors.size(), 1U) << "one that went wrong must not keep all later ones away";
  EXPECT_EQ(report.jobs_failed, 0U);
  open({{"table", std::string("others")}});
  EXPECT_EQ(run().jobs_failed, 1U) << "another list, of which nothing is known";
}

TEST_F(http_json_sync, FewChangedItemsThatAreAllWrongAreRowErrorsOfAListThatWasReadBefore) {
  shop.paging = "cursor";
  add("itm_1", today - hours(5));
  open({}, 3);
  EXPECT_TRUE(run().clean());
  std::string items = R"({"id":"itm_8","changed":"soon"},{"id":"itm_9","changed":"soon"})";
  instead = [&items](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"({"data":{"items":[)" + items + "]}}");
  };
  for (int i = 0; i < 2; ++i) {
    const auto report = run();
    EXPECT_EQ(report.jobs_failed, 0U) << "they must not keep all later ones away";
    EXPECT_EQ(report.row_errors.size(), 2U);
  }
  items += R"(,{"title":"no id"})";
  EXPECT_THAT(failure_of(run()),
              AllOf(HasSubstr("all 3 items of a page were refused: item 1: 'changed_at' (/changed) is not a time"),
                    HasSubstr("; item 3: the id is missing"), Not(HasSubstr("item 2"))));
  open({}, 3);
  items = R"({"id":"itm_8","changed":"soon"},{"title":"no id"})";
  EXPECT_EQ(run().jobs_failed, 1U) << "of a list of which nothing was read a short page tells as much";
}

TEST_F(http_json_sync, LastPageOfOneWrongItemIsARowError) {
  for (int i = 0; i < 3; ++i)
    add("itm_" + std::to_string(i), today - hours(5));
  shop.paging = "cursor";
  open();
  instead = [this](const net::http_request& request) -> result<net::http_response> {
    if (!request.url.ends_with("cursor=2"))
      return shop.answer(request);
    return testing::answer(200, R"({"data":{"items":[{"title":"no id"}]}})");
  };
  const auto report = run();
  EXPECT_EQ(report.jobs_failed, 0U);
  EXPECT_EQ(report.row_errors.size(), 1U);
}

TEST_F(http_json_sync, TokensThatTheClientIsGivenAndTheApiRefusesAreAMatterOfTheConfiguration) {
  shop.auth = "client_credentials";
  open();
  instead = [](const net::http_request&) -> result<net::http_response> { return testing::answer(401, "{}"); };
  const auto report = run();
  EXPECT_THAT(failure_of(report),
              HasSubstr("look at client_id, scopes and token_parameters of connectors.http_json.shop"));
  EXPECT_EQ(report.failures.front().problem.code, error_code::bad_configuration) << "nobody could consent to anything";
  EXPECT_EQ(asked.size(), 2U) << "one request with each token";
}

TEST_F(http_json_sync, TokenOfTheConfigurationServesAllIntegrations) {
  shop.auth = "header";
  add("itm_1", today - hours(5));
  open({{"token", std::string("token-SECRET-of-config")}});
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(provider.requests().front().headers.value_or("X-Api-Key", ""), "token-SECRET-of-config");
  instead = [](const net::http_request&) -> result<net::http_response> { return testing::answer(401, "{}"); };
  const auto report = run();
  EXPECT_THAT(failure_of(report),
              AllOf(HasSubstr("set connectors.http_json.shop.token anew"), Not(HasSubstr("SECRET"))));
  EXPECT_EQ(report.failures.front().problem.code, error_code::bad_configuration) << "nobody could consent to anything";
  EXPECT_EQ(asked.size(), 1U);
}

TEST_F(http_json_sync, AnApiThatWantsATokenWhereNoneIsDescribedSaysWhatToSet) {
  shop.auth = "header";
  open({{"auth", std::string("none")}});
  instead = [](const net::http_request&) -> result<net::http_response> { return testing::answer(401, "{}"); };
  const auto report = run();
  EXPECT_THAT(failure_of(report), HasSubstr("set connectors.http_json.shop.auth"));
}

TEST_F(http_json_sync, NamesInPathQueryAndHeadersAreFilledInFromTheIntegration) {
  open({{"list_path", std::string("/accounts/{account}/items")},
        {"query", texts{"status=all", "of={team}"}},
        {"headers", texts{"X-Team: team {team}"}}});
  driver->account.config = R"({"account":"a/b ?c","team":"x y"})";
  instead = [](const net::http_request&) -> result<net::http_response> {
    return testing::answer(200, R"({"data":{"items":[]}})");
  };
  EXPECT_TRUE(run().clean());
  EXPECT_EQ(asked.front().path, "/v1/accounts/a%2Fb%20%3Fc/items");
  EXPECT_THAT(values("status"), ElementsAre("all"));
  EXPECT_THAT(values("of"), ElementsAre("x y"));
  EXPECT_EQ(provider.requests().front().headers.value_or("X-Team", ""), "team x y");
}

} // namespace
} // namespace penstock::connectors::http_json
